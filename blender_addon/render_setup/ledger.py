"""Settings that are changed openly: each change is kept in the file and can be taken back."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import bpy


@dataclass(frozen=True)
class Change:
    """One setting that was changed.

    Attributes:
        path: Where it is, from its owner.
        before: Its value before.
        after: Its value now.
        owner: Empty for the scene, else kind and name, such as ``cameras/Camera``: a collection
            of ``bpy.data``, or ``view_layers`` of the scene.
    """

    path: str
    before: Any
    after: Any
    owner: str = ""

    def __str__(self) -> str:
        """Return the change as one phrase."""
        name = self.owner.partition("/")[2]
        return f"{name} {self.path}: {self.before} to {self.after}".strip()


class Ledger:
    """The changes that one purpose made to one scene.

    They lie in a custom property of the scene, so that they outlive saving and loading.

    Args:
        scene: The scene.
        key: Name of the custom property.
    """

    def __init__(self, scene: bpy.types.Scene, key: str) -> None:
        self.scene = scene
        self.key = key

    @property
    def changes(self) -> list[Change]:
        """All changes that have not been taken back, oldest first."""
        return [Change(**values) for values in json.loads(self.scene.get(self.key, "[]"))]

    def change(self, path: str, after: Any, owner: str = "") -> list[Change]:
        """Set a value and keep the one before; return the change, or nothing if it is so already.

        Of two changes of one setting the first is kept, which knows the artist's value.
        """
        before = self._get(owner, path)
        if _equal(before, after):
            return []
        change = Change(path, before, after, owner)
        self._set(owner, path, after)
        kept = self.changes
        if (owner, path) not in [(known.owner, known.path) for known in kept]:
            self.scene[self.key] = json.dumps([asdict(known) for known in (*kept, change)])
        return [change]

    def restore(self) -> list[Change]:
        """Put back every value whose owner still exists, and forget the changes."""
        undone = []
        for kept in reversed(self.changes):
            if self._block(kept.owner) is None:
                continue
            undone.append(
                Change(kept.path, self._get(kept.owner, kept.path), kept.before, kept.owner)
            )
            self._set(kept.owner, kept.path, kept.before)
        self.scene.pop(self.key, None)
        return undone

    def _block(self, owner: str) -> Any:
        kind, _, name = owner.partition("/")
        if not kind:
            return self.scene
        return getattr(self.scene if kind == "view_layers" else bpy.data, kind).get(name)

    def _place(self, owner: str, path: str) -> tuple[Any, str]:
        block = self._block(owner)
        group, _, name = path.rpartition(".")
        return (block.path_resolve(group) if group else block), name

    def _get(self, owner: str, path: str) -> Any:
        return getattr(*self._place(owner, path))

    def _set(self, owner: str, path: str, value: Any) -> None:
        setattr(*self._place(owner, path), value)


def _equal(before: Any, after: Any) -> bool:
    if isinstance(after, float):
        return math.isclose(before, after, rel_tol=1e-6, abs_tol=1e-6)
    return bool(before == after)
