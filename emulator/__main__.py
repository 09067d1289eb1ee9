"""`python -m emulator`: the command line without its script."""

from emulator.cli import main

if __name__ == "__main__":
    main()
