"""``livescape models``: which networks there are, and fetching them."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from livescape.context.environment import Environment
from livescape.networks.fetch import fetch_model
from livescape.networks.hashes import file_hash
from livescape.networks.pins import accept_files, unpinned
from livescape.networks.registry import MODELS, ModelCard
from livescape.networks.store import (
    missing_files,
    model_card,
    model_missing,
    model_present,
    model_unreadable,
    size_text,
)

DESCRIPTION = "List the downloadable networks, fetch one, or accept files of your own."

HEADER = ("name", "stage", "licence", "commercial use", "size", "present")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``list``, ``fetch`` and ``accept``; without any, the models are listed."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="list all networks, and which are on this machine")
    listing.add_argument("--json", action="store_true", help="for programs")
    fetch = actions.add_parser("fetch", help="download a network from the hub")
    fetch.add_argument("name", help="name of the network, from the list")
    fetch.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    fetch.add_argument("--endpoint", help="address of the hub or of a mirror")
    fetch.add_argument(
        "--sha256",
        action="append",
        default=[],
        metavar="FILE=HASH",
        type=_stated,
        help="hash that a file must have, in place of the known one",
    )
    fetch.add_argument(
        "--accept-unpinned",
        action="store_true",
        help="take weights whose hash is not known as they arrive",
    )
    accept = actions.add_parser("accept", help="trust a network's files as they lie there")
    accept.add_argument("name", help="name of the network, from the list")
    accept.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def run(arguments: argparse.Namespace) -> int:
    """Do what the parsed ``arguments`` say; return the exit code."""
    models = Environment.read().models
    if arguments.action not in ("fetch", "accept"):
        if getattr(arguments, "json", False):
            _say(json.dumps(listed(models)))
            return 0
        _say(f"{table(models)}\n\nThey are kept in {models}.")
        return 0
    card = model_card(arguments.name)
    if arguments.action == "accept":
        return _accept(models, card, yes=arguments.yes)
    if model_present(models, card.name):
        _say(f"{card.title} is already in {models / card.name}.")
        return 0
    _say(f"{card.title}: {card.description}\nFrom {card.source}, {card.revision}.")
    _say(f"Licence {card.licence}, {size_text(card.download_bytes)}.")
    if not (arguments.yes or _agreed("Fetch it?")):
        _say("Nothing was fetched.")
        return 1
    folder = fetch_model(
        models,
        card.name,
        endpoint=arguments.endpoint,
        stated=dict(arguments.sha256),
        accept_unpinned=arguments.accept_unpinned,
    )
    _say(f"Fetched to {folder}.")
    return 0


def _accept(models: Path, card: ModelCard, *, yes: bool) -> int:
    """Pin the files that lie in a model's folder."""
    folder = models / card.name
    missing = missing_files(card, folder)
    if missing:
        raise model_missing(card, folder, missing)
    _say(f"{card.title} in {folder}:")
    for name in card.files:
        try:
            found = file_hash(folder / name)
        except OSError as error:
            raise model_unreadable(card, error.strerror or str(error)) from error
        known = "as published" if card.sha256.get(name) == found else "not known here"
        _say(f"  {found}  {name} ({known})")
    if not (yes or _agreed("Trust them?")):
        _say("Nothing was accepted.")
        return 1
    accept_files(card, folder)
    _say("They are used from now on, and refused if they change.")
    return 0


def _stated(text: str) -> tuple[str, str]:
    """Parse ``FILE=HASH``."""
    name, _, digest = text.rpartition("=")
    if not name or re.fullmatch(r"[0-9a-fA-F]{64}", digest) is None:
        message = f"{text!r} is not FILE=HASH with a SHA-256 of 64 digits"
        raise argparse.ArgumentTypeError(message)
    return name, digest.lower()


def table(models: Path) -> str:
    """Return the models as a table of plain text, with which of them are in the folder."""
    rows = [HEADER, *(_row(models, card) for card in MODELS.values())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _row(models: Path, card: ModelCard) -> tuple[str, ...]:
    present = "yes" if model_present(models, card.name) else "no"
    size = size_text(card.download_bytes)
    return card.name, card.stage, card.licence, card.commercial, size, present


def listed(models: Path) -> list[dict[str, Any]]:
    """Return the models as plain values, for programs."""
    return [
        {
            "name": card.name,
            "title": card.title,
            "stage": card.stage,
            "licence": card.licence,
            "commercial": card.commercial,
            "bytes": card.download_bytes,
            "description": card.description,
            "source": card.source,
            "pinned": not unpinned(card),
            "present": model_present(models, card.name),
        }
        for card in MODELS.values()
    ]


def _agreed(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:  # no terminal to ask at
        return False


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()
