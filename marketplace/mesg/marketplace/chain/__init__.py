"""The Ledger on Ethereum: RPC, contracts, transactions, the follower of events; the only room that knows a chain."""
