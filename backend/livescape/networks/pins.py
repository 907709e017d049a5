"""Which contents of a model's files are trusted: those the registry knows, and those accepted.

The registry knows the SHA-256 of published files. Weights whose hash it does not know are used
only after the user has accepted what lies there, which pins it from then on; so are files of the
user's own under a model's name. What was accepted is in the folder's record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from livescape.networks.hashes import file_hash
from livescape.networks.registry import ModelCard
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file

RECORD: Final = "livescape_model.json"
"""File in a model's folder that says where it came from and what its files' hashes were."""

WEIGHTS: Final = (".safetensors", ".onnx")
"""Endings of the files that must not be used before their content is trusted."""


def unpinned(card: ModelCard) -> list[str]:
    """Return the weights of ``card`` whose hash is not known here."""
    return [name for name in card.files if name.endswith(WEIGHTS) and name not in card.sha256]


def check_files(card: ModelCard, folder: Path) -> None:
    """Refuse a model whose files are not those known here or accepted by the user.

    Files beside the weights, which only describe them, may be unknown.

    Raises:
        LivescapeError: ``model_unpinned`` or ``model_changed``.
        OSError: If a file cannot be read.
    """
    accepted = _accepted(folder)
    for name in card.files:
        trusted = {card.sha256.get(name), accepted.get(name)} - {None}
        if not trusted and name.endswith(WEIGHTS):
            raise _unpinned(card, name)
        if trusted and file_hash(folder / name) not in trusted:
            raise LivescapeError(
                "model_changed",
                f"{card.title} is not used: {name} is not the file that is known by that name.",
                hint=f"Delete {folder} and run `livescape models fetch {card.name}`; if the file "
                f"is your own, run `livescape models accept {card.name}`.",
            )


def check_arrived(card: ModelCard, folder: Path, stated: Mapping[str, str]) -> None:
    """Refuse files that have just come and are not those known here or stated by the user.

    Args:
        card: The model.
        folder: Where its files are.
        stated: SHA-256 of files by name, as the user gives them.

    Raises:
        OSError: If a file has another hash, or cannot be read.
    """
    for name in card.files:
        wanted = stated.get(name, card.sha256.get(name))
        if wanted is not None and file_hash(folder / name) != wanted.lower():
            raise OSError(f"{name} does not have the SHA-256 {wanted[:12]}... that it must have")


def check_consent(card: ModelCard, stated: Mapping[str, str]) -> None:
    """Refuse to fetch weights that nothing pins.

    Raises:
        LivescapeError: ``model_unpinned``.
    """
    for name in unpinned(card):
        if name not in stated:
            raise _unpinned(card, name)


def accept_files(card: ModelCard, folder: Path, *, revision: str = "") -> dict[str, str]:
    """Record the files as they are, which trusts and pins them; return their hashes by name.

    Args:
        card: The model.
        folder: Its folder, with all its files.
        revision: The commit they are of, as far as it is known.

    Raises:
        LivescapeError: ``disk_full`` or ``output_not_writable``.
        OSError: If a file cannot be read.
    """
    hashes = {name: file_hash(folder / name) for name in card.files}
    record = {
        "name": card.name,
        "source": card.source,
        "revision": revision,
        "licence": card.licence,
        "files": {name: (folder / name).stat().st_size for name in card.files},
        "sha256": hashes,
    }
    with whole_file(folder / RECORD) as partial:
        partial.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return hashes


def _accepted(folder: Path) -> dict[str, Any]:
    """Return the recorded hashes; none where there is no record that makes sense."""
    try:
        return dict(json.loads((folder / RECORD).read_text(encoding="utf-8"))["sha256"])
    except (OSError, KeyError, TypeError, ValueError, RecursionError):
        return {}


def _unpinned(card: ModelCard, name: str) -> LivescapeError:
    return LivescapeError(
        "model_unpinned",
        f"The SHA-256 of {card.title}'s {name} is not known to Livescape, so nothing says whether "
        "it is the published file.",
        hint=f"Give the hash with `livescape models fetch {card.name} --sha256 {name}=HASH`, or "
        "take what arrives with --accept-unpinned; for a file that is here already, run "
        f"`livescape models accept {card.name}`. It is pinned from then on.",
    )
