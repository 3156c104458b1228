"""Cashing vouchers and closing channels; knows no network."""
