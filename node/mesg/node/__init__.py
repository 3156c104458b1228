"""The network node: runs Services, finds others, calls them, pays and is paid."""
