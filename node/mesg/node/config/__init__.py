"""What an operator may set: one frozen Config, or a list of every mistake in it."""
