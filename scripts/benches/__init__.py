"""What `scripts/bench` measures; thin, and never imported by the product."""
