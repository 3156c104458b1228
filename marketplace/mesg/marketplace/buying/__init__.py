"""Paying: passes bought, channels opened, vouchers promised; knows no network."""
