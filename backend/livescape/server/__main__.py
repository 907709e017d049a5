"""``python -m livescape.server``: the same as ``livescape serve``."""

import sys

from livescape.server.command import main

if __name__ == "__main__":
    sys.exit(main())
