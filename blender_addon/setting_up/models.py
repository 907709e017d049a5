"""The optional networks: which there are, and fetching one, by the backend's own commands."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from livescape_shared.errors import LivescapeError
from livescape_shared.processes import own_environment
from livescape_shared.values import integer, mapping, text

from .failures import quote
from .steps import Work

COMMERCIAL = {
    "yes": "commercial use allowed",
    "no": "no commercial use",
    "ask": "commercial use: read the licence",
}
_ERROR = re.compile(r"([a-z][a-z0-9_]*): (.+)")


@dataclass(frozen=True)
class Model:
    """A network that can be fetched.

    Attributes:
        name: The setting's value.
        title: What its authors call it.
        stage: What it is for.
        licence: Of its weights.
        commercial: ``yes``, ``no`` or ``ask``.
        size: Bytes to download.
        description: One line.
        source: Where it comes from.
        is_pinned: Whether the content of its weights is known; others are fetched by hand.
        is_present: Whether it is on this machine.
    """

    name: str
    title: str
    stage: str
    licence: str
    commercial: str
    size: int
    description: str
    source: str
    is_pinned: bool
    is_present: bool


def list_command(python: Path) -> list[str]:
    """Return the command that lists the models."""
    return [str(python), "-m", "livescape", "models", "list", "--json"]


def fetch_command(python: Path, name: str) -> list[str]:
    """Return the command that fetches one."""
    return [str(python), "-m", "livescape", "models", "fetch", name, "--yes"]


def models_in(said: str) -> list[Model]:
    """Return the models of a listing.

    Raises:
        LivescapeError: ``models_unknown``.
    """
    try:
        return [
            Model(
                name=text(each["name"]),
                title=text(each["title"]),
                stage=text(each["stage"]),
                licence=text(each["licence"]),
                commercial=text(each["commercial"]),
                size=integer(each["bytes"], 0),
                description=text(each["description"]),
                source=text(each["source"]),
                is_pinned=each["pinned"] is True,
                is_present=each["present"] is True,
            )
            for each in map(mapping, json.loads(said))
        ]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _unknown() from error


class ModelWork(Work):
    """Lists the models, and before that fetches one if its name is given.

    Args:
        python: Of the backend.
        log: Where to say what was done.
        name: The model to fetch; empty to list only.

    Attributes:
        name: The model that is fetched.
        python: Of which backend the list is.
        models: The list, once it is over.
    """

    def __init__(self, python: Path, log: Path, name: str = "") -> None:
        super().__init__(log)
        self._python, self.name = python, name
        self.python = str(python)
        self.models: list[Model] = []

    def do(self) -> None:
        """Fetch and list."""
        variables = own_environment(os.environ)
        if self.name:
            self.begin(f"Fetching {self.name}", 0.1)
            self.run(fetch_command(self._python, self.name), variables, failure=said_error)
        self.begin("Listing the networks", 0.9)
        said = self.run(list_command(self._python), variables, failure=said_error)
        self.models = models_in(said[-1] if said else "")


def said_error(said: Sequence[str]) -> LivescapeError:
    """Return the error that the command has printed as ``code: sentence``."""
    for line in reversed(said):
        if found := _ERROR.fullmatch(line.strip()):
            return LivescapeError.from_dict({"code": found[1], "message": found[2]})
    return LivescapeError(
        "models_unknown",
        f"The backend could not do that: {quote(said)}",
        hint="Press Set Up again; Open Log says more.",
    )


def _unknown() -> LivescapeError:
    return LivescapeError(
        "models_unknown",
        "The backend could not list its networks.",
        hint="Press Set Up again: it may be another version.",
    )
