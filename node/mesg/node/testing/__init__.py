"""In-memory twins of the ports and doors, shipped for tests."""
