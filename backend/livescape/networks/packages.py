"""Optional packages that downloadable models need, imported only when one is used."""

from __future__ import annotations

import importlib
import os
from typing import Any, Final

from livescape_shared.errors import LivescapeError

UNASKED: Final = ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "DISABLE_TELEMETRY")
"""Variables by which these packages are told not to report anybody's use of them."""


def require_package(name: str) -> Any:
    """Import and return the module ``name``, which then reports nothing to its makers.

    Raises:
        LivescapeError: ``package_missing``.
    """
    for variable in UNASKED:
        os.environ.setdefault(variable, "1")
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise LivescapeError(
            "package_missing",
            f"Downloadable models need the package {name}, which is not installed.",
            hint="Run `pip install 'livescape[models]'` in the backend's environment.",
        ) from error
