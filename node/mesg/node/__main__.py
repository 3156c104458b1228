"""`python -m mesg.node` is the command `mesg`."""

from mesg.node.cli.main import main

if __name__ == "__main__":
    main()
