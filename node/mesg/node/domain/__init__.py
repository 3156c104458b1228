"""Pure values and state machines of the node; nothing here does I/O or reads a clock."""
