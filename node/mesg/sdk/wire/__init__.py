"""The 2018 gRPC wire: generated messages, and the names under which the methods travel.

The node's server and the SDK's clients share this room; it knows only protobuf.
"""
