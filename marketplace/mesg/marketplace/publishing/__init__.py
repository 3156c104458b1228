"""Putting Services and offers on the market."""
