"""The node's disk: one SQLite database behind one writer thread, and content-addressed files."""
