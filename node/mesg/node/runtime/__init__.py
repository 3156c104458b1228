"""Runs instances of Services: as limited processes (no sandbox), or in hardened containers."""
