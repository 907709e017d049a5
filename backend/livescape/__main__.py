"""``python -m livescape`` is the ``livescape`` command."""

import sys

from livescape.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
