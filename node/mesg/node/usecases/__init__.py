"""What the node does, one verb a module: ports in, domain decisions, ports out."""
