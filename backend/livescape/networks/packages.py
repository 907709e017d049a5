"""Optional packages that downloadable models need, imported only when one is used."""

from __future__ import annotations

import importlib
from typing import Any

from livescape_shared.errors import LivescapeError


def require_package(name: str) -> Any:
    """Import and return the module ``name``.

    Raises:
        LivescapeError: ``package_missing``.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise LivescapeError(
            "package_missing",
            f"Downloadable models need the package {name}, which is not installed.",
            hint="Run `pip install 'livescape[models]'` in the backend's environment.",
        ) from error
