"""The gRPC wire of MESG Core 0.9: what Services and Applications of 2018 speak, unmodified."""
