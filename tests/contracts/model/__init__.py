"""The market in plain Python, told a second time: what each call must do, or with which error it must refuse.

Nothing here is taken from the contracts' way of computing: balances follow from what was bought and
claimed, not from running sums. Only identities, digests and signatures are the node's own code, so that
they are proved along the way.
"""
