"""The long proofs of the contracts: mutants and the figures of each kind of proof."""
