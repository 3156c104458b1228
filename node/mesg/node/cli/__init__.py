"""The command `mesg`: parse, ask the local node, show."""
