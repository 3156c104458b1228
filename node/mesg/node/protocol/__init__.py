"""The session protocol between two nodes, sans-IO: bytes in, messages out; see docs/protocol/session.md."""
