"""A context for tests of single rooms: this machine, and the environment as the test sets it."""

from pathlib import Path
from tempfile import gettempdir

from livescape.context import Context


def here(cache_dir=None, **options) -> Context:
    """Return a context; its cache writes nothing unless a folder is given."""
    return Context.make(cache_dir=cache_dir or Path(gettempdir()) / "never-written", **options)
