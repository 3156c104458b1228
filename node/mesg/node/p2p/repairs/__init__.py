"""What py-libp2p 0.8.1 gets wrong, repaired at run time: one module a repair, each bound to that version.

`tests/unit/node/p2p/repairs` holds a regression test for each, which also tells whether libp2p itself
still has the fault.
"""
