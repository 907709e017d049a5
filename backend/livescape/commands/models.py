"""``livescape models``: which networks there are, and fetching them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from livescape.context.environment import Environment
from livescape.networks.fetch import fetch_model
from livescape.networks.registry import MODELS, ModelCard
from livescape.networks.store import model_card, model_present, size_text

DESCRIPTION = "List the downloadable networks, or fetch one."

HEADER = ("name", "stage", "licence", "size", "present")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``list`` and ``fetch``; without either, the models are listed."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("list", help="list all networks, and which are on this machine")
    fetch = actions.add_parser("fetch", help="download a network from the hub")
    fetch.add_argument("name", help="name of the network, from the list")
    fetch.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    fetch.add_argument("--endpoint", help="address of the hub or of a mirror")


def run(arguments: argparse.Namespace) -> int:
    """Do what the parsed ``arguments`` say; return the exit code."""
    models = Environment.read().models
    if arguments.action != "fetch":
        _say(f"{table(models)}\n\nThey are kept in {models}.")
        return 0
    card = model_card(arguments.name)
    if model_present(models, card.name):
        _say(f"{card.title} is already in {models / card.name}.")
        return 0
    _say(f"{card.title}: {card.description}\nFrom {card.source}, {card.revision}.")
    _say(f"Licence {card.licence}, {size_text(card.download_bytes)}.")
    if not (arguments.yes or _agreed()):
        _say("Nothing was fetched.")
        return 1
    _say(f"Fetched to {fetch_model(models, card.name, endpoint=arguments.endpoint)}.")
    return 0


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
    return card.name, card.stage, card.licence, size_text(card.download_bytes), present


def _agreed() -> bool:
    try:
        return input("Fetch it? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:  # no terminal to ask at
        return False


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()
