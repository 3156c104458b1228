"""The classic MESG story, told by `scripts/demo` with ordinary user commands on real parts."""
