"""Where models are kept on this machine, and whether they are present. Nothing here downloads."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from livescape.networks.hashes import file_hash
from livescape.networks.pins import check_files
from livescape.networks.registry import MODELS, ModelCard
from livescape_shared.errors import LivescapeError

PICKLED: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
"""Endings of weight files that may run code when they are opened."""


def model_card(name: str) -> ModelCard:
    """Return the card of ``name``.

    Raises:
        LivescapeError: ``model_unknown``.
    """
    card = MODELS.get(name)
    if card is None:
        raise LivescapeError(
            "model_unknown",
            f"There is no model named {name!r}.",
            hint=f"Choose one of {', '.join(sorted(MODELS))}.",
        )
    return card


def missing_files(card: ModelCard, folder: Path) -> list[str]:
    """Return those files of ``card`` that are not in ``folder``."""
    return [name for name in card.files if not (folder / name).is_file()]


def model_present(models: Path, name: str) -> bool:
    """Return whether all files of model ``name`` are in the folder of all ``models``.

    Raises:
        LivescapeError: ``model_unknown``.
    """
    return not missing_files(model_card(name), models / name)


def model_path(models: Path, name: str) -> Path:
    """Return the folder of model ``name`` in that of all ``models``.

    All its files are there, and they are those known here or accepted by the user.

    Raises:
        LivescapeError: ``model_unknown``, ``model_missing``, ``model_unpinned``,
            ``model_changed``, or ``model_unreadable`` where a file cannot be read or its weights
            are there as a pickle only.
    """
    card = model_card(name)
    folder = models / name
    missing = missing_files(card, folder)
    if not missing:
        try:
            check_files(card, folder)
        except OSError as error:
            raise model_unreadable(card, error.strerror or str(error)) from error
        return folder
    pickled = sorted(path.name for path in folder.rglob("*") if path.suffix in PICKLED)
    if pickled:
        raise model_unreadable(card, f"{pickled[0]} may run code when opened, so it was not opened")
    raise model_missing(card, folder, missing)


def model_missing(card: ModelCard, folder: Path, missing: list[str]) -> LivescapeError:
    """Return the error of a model of which the files ``missing`` are not in ``folder``."""
    return LivescapeError(
        "model_missing",
        f"{card.title} is not on this machine ({card.licence}, {size_text(card.download_bytes)}).",
        hint=f"Run `livescape models fetch {card.name}`, or copy {', '.join(missing)} to {folder}.",
    )


def model_identity(models: Path, name: str) -> str:
    """Return a hash of the contents of model ``name``, for the keys of results made with it.

    Raises:
        LivescapeError: Like :func:`model_path`.
    """
    folder, card = model_path(models, name), model_card(name)
    digest = hashlib.sha256()
    try:
        for file in card.files:
            digest.update(file_hash(folder / file).encode())
    except OSError as error:
        raise model_unreadable(card, error.strerror or str(error)) from error
    return digest.hexdigest()


def model_unreadable(card: ModelCard, reason: str) -> LivescapeError:
    """Return the error of a model that is present but cannot be used; ``reason`` is a clause."""
    return LivescapeError(
        "model_unreadable",
        f"{card.title} cannot be used: {reason}.",
        hint=f"Delete its folder, which `livescape models` shows, and run "
        f"`livescape models fetch {card.name}`.",
    )


def size_text(size: int) -> str:
    """Return a number of bytes for people."""
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
