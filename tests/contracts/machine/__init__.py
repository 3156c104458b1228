"""Rules of a Hypothesis state machine: whatever anybody can do, done to the contracts and to the model."""
