"""Downloading a model from the hub: only on request, completely or not at all."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from livescape.networks.hub_guard import guarded
from livescape.networks.packages import require_package
from livescape.networks.pins import accept_files, check_arrived, check_consent
from livescape.networks.registry import ModelCard
from livescape.networks.store import missing_files, model_card, size_text
from livescape_shared.errors import LivescapeError
from livescape_shared.files import partial_path, remove_abandoned

LOGGER = logging.getLogger(__name__)

OFFLINE_VARIABLES: Final = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_YES: Final = {"1", "ON", "YES", "TRUE"}


def fetch_model(
    models: Path,
    name: str,
    *,
    endpoint: str | None = None,
    stated: Mapping[str, str] | None = None,
    accept_unpinned: bool = False,
) -> Path:
    """Download model ``name`` and return its folder; nothing is done if it is there.

    The files come into a folder beside it that is renamed once they are all there.

    Args:
        models: Folder of all models.
        name: A name in :data:`~livescape.networks.registry.MODELS`.
        endpoint: Address of the hub, if not the usual one.
        stated: SHA-256 that the user gives for files, by name; it replaces the one known here.
        accept_unpinned: Whether weights whose hash nobody has given are taken as they arrive.

    Raises:
        LivescapeError: ``model_unknown``, ``package_missing``, ``offline``, ``model_unpinned``,
            ``model_address_unsafe``, ``model_fetch_failed`` or ``disk_full``.
    """
    card = model_card(name)
    folder = models / name
    if not missing_files(card, folder):
        return folder
    offline = [name for name in OFFLINE_VARIABLES if os.environ.get(name, "").upper() in _YES]
    if offline:
        raise LivescapeError(
            "offline",
            f"{card.title} cannot be downloaded: {offline[0]} forbids it.",
            hint=f"Unset it, or copy {', '.join(card.files)} to {folder}.",
        )
    stated = stated or {}
    if not accept_unpinned:
        check_consent(card, stated)
    partial = partial_path(folder)
    # The client's HTTP errors are not all OSErrors; which library raises them is not fixed.
    http_error: type[Exception] = require_package("huggingface_hub.errors").HTTPError
    try:
        _check_space(card, folder.parent)
        remove_abandoned(folder.parent)
        revision = _download(card, partial, endpoint)
        check_arrived(card, partial, stated)
        accept_files(card, partial, revision=revision)
        if folder.exists():  # incomplete, or it would have been returned above
            shutil.rmtree(folder)
        os.replace(partial, folder)
    except (OSError, http_error) as error:
        LOGGER.info("%s: %s", card.source, error)
        raise LivescapeError(
            "model_fetch_failed",
            f"{card.title} could not be fetched from {card.source}: {_first_line(error)}.",
            hint="Check the connection and try again; what was there has not been touched.",
            retryable=True,
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _download(card: ModelCard, partial: Path, endpoint: str | None) -> str:
    """Fetch the files of ``card`` into ``partial``; return the commit they are of."""
    hub = require_package("huggingface_hub")
    require_package("huggingface_hub.constants")  # which the package does not import by itself
    with guarded(hub, endpoint):
        found = hub.HfApi(endpoint=endpoint, token=False).model_info(
            card.source, revision=card.revision, files_metadata=True
        )
        for file in card.files:
            hub.hf_hub_download(
                card.source,
                file,
                revision=found.sha,
                local_dir=partial,
                endpoint=endpoint,
                token=False,
            )
    shutil.rmtree(partial / ".cache", ignore_errors=True)
    missing = missing_files(card, partial)
    if missing:
        raise FileNotFoundError(f"{missing[0]} did not arrive")
    described = {entry.rfilename: entry for entry in found.siblings or ()}
    for file in card.files:
        if not _as_described(partial / file, described.get(file)):
            raise OSError(f"{file} is not the file that {card.source} describes")
    return str(found.sha)


def _as_described(path: Path, entry: Any) -> bool:
    """Return whether a file has the hash that the hub tells of it.

    Large files are described by their SHA-256, others by the SHA-1 that git gives their content.
    """
    if entry is None:
        return False
    with path.open("rb") as stream:
        if entry.lfs is not None:
            return bool(hashlib.file_digest(stream, "sha256").hexdigest() == entry.lfs.sha256)
        content = stream.read()
    named = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
    return bool(named.hexdigest() == entry.blob_id)


def _check_space(card: ModelCard, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < card.download_bytes:
        raise LivescapeError(
            "disk_full",
            f"{card.title} needs {size_text(card.download_bytes)}; {folder} has "
            f"{size_text(free)} free.",
            hint="Free some space, or set LIVESCAPE_MODELS to a folder on another disk.",
            retryable=True,
        )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
