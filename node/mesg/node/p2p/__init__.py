"""The libp2p host and its DHT: the only room that imports libp2p, with every quirk of it wrapped."""
