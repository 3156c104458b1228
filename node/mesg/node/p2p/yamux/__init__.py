"""A Yamux muxer and a Noise record layer: wire compatible with libp2p's, bounded and fast."""
