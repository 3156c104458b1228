"""In-memory twins of the market's ports, as exact as the contracts; shipped, so that applications can test too."""
