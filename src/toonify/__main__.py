"""`python -m toonify`."""

from toonify.cli import main

if __name__ == "__main__":
    main()
