"""`python -m zhike` is the same as the `zhike` command."""

import sys

from zhike.cli import main

if __name__ == "__main__":
    sys.exit(main())
