"""Deploying the contracts from a checkout; thin, and never imported by the product."""
