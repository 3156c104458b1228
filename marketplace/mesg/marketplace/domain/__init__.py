"""Pure values and state machines of the market; nothing here reads a clock, a disk or a chain."""
