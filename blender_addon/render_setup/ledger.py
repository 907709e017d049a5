"""Settings that are changed openly: each change is kept in the file and can be taken back.

What was changed is written on the data-block that was changed, so that it is found again under
whatever name, and never mistaken for another of the same name. Linked data-blocks belong to
another file and are never changed.
"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import bpy

Owner: TypeAlias = bpy.types.ID | bpy.types.ViewLayer

_KINDS = ("cameras", "objects", "materials")
"""What a scene's changes may lie on besides itself and its view layers."""


@dataclass(frozen=True)
class Change:
    """One setting that was changed.

    Attributes:
        path: Where it is, from its owner.
        before: Its value before.
        after: Its value now.
        name: Of its owner; empty for the scene.
    """

    path: str
    before: Any
    after: Any
    name: str = ""

    def __str__(self) -> str:
        """Return the change as one phrase."""
        return f"{self.name} {self.path}: {self.before} to {self.after}".strip()


class Ledger:
    """The changes that one purpose made to one scene and to what it uses.

    They lie in a custom property of each owner, as JSON of path to the artist's value, our value
    and the scenes that want it; so they outlive saving and loading. The scene itself has the
    property as long as there is any change.

    Args:
        scene: The scene.
        key: Name of the custom property.
    """

    def __init__(self, scene: bpy.types.Scene, key: str) -> None:
        self.scene = scene
        self.key = key

    @property
    def is_empty(self) -> bool:
        """Whether nothing was changed, or all was taken back."""
        return self.scene.get(self.key) is None

    def before(self, path: str, owner: Owner | None = None) -> Any:
        """Return the artist's value, whether it was changed or not."""
        block = owner or self.scene
        kept = self._entries(block).get(path)
        return kept["before"] if kept else _get(block, path)

    def change(self, path: str, after: Any, owner: Owner | None = None) -> list[Change]:
        """Set a value and keep the one before; return the change, or nothing if it is so already.

        Of two changes of one setting the first is kept, which knows the artist's value.

        Args:
            path: Where it is, from its owner.
            after: The new value.
            owner: The scene if None; left alone if it is linked from another file.
        """
        self.adopt_early_form()
        block = owner or self.scene
        if is_foreign(block):
            return []
        before, entries = _get(block, path), self._entries(block)
        is_new = not _equal(before, after)
        if is_new or path in entries:
            entry = entries.setdefault(path, {"before": before, "scenes": []})
            entry["after"] = after
            entry["scenes"] = sorted({*entry["scenes"], self._token()})
            self._keep(block, entries)
        if not is_new:
            return []
        _set(block, path, after)
        return [self._phrase(block, path, before, after)]

    def restore(
        self, is_wanted: Callable[[Owner, str], bool] = lambda owner, path: True
    ) -> list[Change]:
        """Put back the artist's values, but for those that the artist has changed since.

        Args:
            is_wanted: Says for an owner and a path whether it is put back.
        """
        self.adopt_early_form()
        undone = []
        for block in list(self._owners()):
            entries = self._entries(block)
            for path in [path for path in entries if is_wanted(block, path)]:
                entry = entries[path]
                entry["scenes"] = [each for each in entry["scenes"] if each != self._token()]
                if entry["scenes"]:
                    continue
                del entries[path]
                now = _get(block, path)
                if _equal(now, entry["after"]) and not _equal(now, entry["before"]):
                    _set(block, path, entry["before"])
                    undone.append(self._phrase(block, path, now, entry["before"]))
            self._keep(block, entries)
        if not any(self._entries(block) for block in self._owners()):
            for name in (self.key, self._token_key):
                self.scene.pop(name, None)
        return undone

    def changed(self) -> list[tuple[Owner, str]]:
        """Return owner and path of every setting that was changed for this scene."""
        token = self.scene.get(self._token_key)
        return [
            (block, path)
            for block in (self._blocks() if token is not None else ())
            for path, entry in self._entries(block).items()
            if token in entry["scenes"]
        ]

    def _owners(self) -> Iterator[Owner]:
        """Yield the data-blocks on which changes of this scene lie."""
        token = self._token()
        for block in self._blocks():
            if any(token in entry["scenes"] for entry in self._entries(block).values()):
                yield block

    def _blocks(self) -> Iterator[Owner]:
        """Yield the data-blocks on which changes of this scene could lie."""
        yield from (self.scene, *self.scene.view_layers)
        for kind in _KINDS:
            yield from (block for block in getattr(bpy.data, kind) if not is_foreign(block))

    def _entries(self, block: Owner) -> dict[str, dict[str, Any]]:
        text = block.get(self.key)
        kept = json.loads(text) if text else {}
        return kept if isinstance(kept, dict) else {}  # an early form, not adopted yet

    def _keep(self, block: Owner, entries: dict[str, dict[str, Any]]) -> None:
        if entries or block == self.scene:
            block[self.key] = json.dumps(entries)
        else:
            block.pop(self.key, None)
        if self.scene.get(self.key) is None:
            self.scene[self.key] = "{}"

    @property
    def _token_key(self) -> str:
        return f"{self.key}_scene"

    def _token(self) -> str:
        """Return what names this scene among those that change a data-block that they share."""
        token = self.scene.get(self._token_key)
        if token is None:
            token = self.scene[self._token_key] = secrets.token_hex(4)
        elif [scene.get(self._token_key) for scene in bpy.data.scenes].count(token) > 1:
            token = self._part_from_copy(token)
        return str(token)

    def _part_from_copy(self, shared: str) -> str:
        """Get a token of our own where a scene was copied: both want what the one had changed."""
        token = self.scene[self._token_key] = secrets.token_hex(4)
        copied = (self.scene, *self.scene.view_layers)
        for block in self._blocks():
            entries = self._entries(block)
            joined = [each for each in entries.values() if shared in each["scenes"]]
            for entry in joined:
                others = set() if block in copied else {*entry["scenes"]}
                entry["scenes"] = sorted({*others, token})
            if joined:
                block[self.key] = json.dumps(entries)
        return token

    def _phrase(self, block: Owner, path: str, before: Any, after: Any) -> Change:
        return Change(path, before, after, "" if block == self.scene else block.name)

    def adopt_early_form(self) -> None:
        """Read what early versions kept: one list on the scene, in which owners have names."""
        early = json.loads(self.scene.get(self.key, "{}"))
        if not isinstance(early, list):
            return
        del self.scene[self.key]
        for kept in early:
            kind, _, name = kept["owner"].partition("/")
            block: Owner | None = self.scene
            if kind == "view_layers":
                block = self.scene.view_layers.get(name)
            elif kind:
                block = getattr(bpy.data, kind).get((name, None))
            if block is not None:
                entry = {**kept, "scenes": [self._token()]}
                self._keep(block, {**self._entries(block), kept["path"]: entry})


def is_foreign(block: Owner) -> bool:
    """Whether a data-block is another file's, linked or overridden."""
    return isinstance(block, bpy.types.ID) and bool(block.library or block.override_library)


def is_so(block: Owner, path: str, value: Any) -> bool:
    """Whether a setting has a value."""
    return _equal(_get(block, path), value)


def _place(block: Owner, path: str) -> tuple[Any, str]:
    group, _, name = path.rpartition(".")
    return (block.path_resolve(group) if group else block), name


def _get(block: Owner, path: str) -> Any:
    return getattr(*_place(block, path))


def _set(block: Owner, path: str, value: Any) -> None:
    setattr(*_place(block, path), value)


def _equal(before: Any, after: Any) -> bool:
    if isinstance(after, float) and isinstance(before, float):
        return math.isclose(before, after, rel_tol=1e-6, abs_tol=1e-6)
    return bool(before == after)
