"""Files that are there whole or not at all, and what the file system's refusals mean."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from livescape_shared.errors import LivescapeError

NO_SPACE = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""What the file system says where there is no room."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a path to write to, which takes the place of ``path`` once the block has ended.

    The other path has the same suffix. If the block fails, it is removed and ``path`` is as it
    was. Folders that are missing are made.

    Raises:
        LivescapeError: ``disk_full`` or ``output_not_writable``.
    """
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        os.replace(partial, path)
    except OSError as error:
        raise _refusal(path, error) from error
    finally:
        with suppress(OSError):  # the folder may be none
            partial.unlink(missing_ok=True)


def _refusal(path: Path, error: OSError) -> LivescapeError:
    """Return what the file system's ``error`` means to someone who wants ``path`` written."""
    if error.errno in NO_SPACE:
        return LivescapeError(
            "disk_full",
            f"There is not enough space on the disk for {path.name}.",
            hint="Free some space, or choose another disk.",
            retryable=True,
        )
    return LivescapeError(
        "output_not_writable",
        f"{path.name} cannot be written: {error.strerror or error}.",
        hint="Choose another folder.",
    )
