"""`python -m formers`: the command line."""

import sys

from formers.cli import main

if __name__ == "__main__":
    sys.exit(main())
