"""What is being built in slices is held on to.

Nothing uses it yet, so that purging what nothing uses would free it between two slices, and Blender
would fall over what goes on with it. A fake user alone withstands a recursive purge.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

import bpy

from .object import PART

Block = TypeVar("Block", bound=bpy.types.ID)

_HELD = "livescape_held"
"""Custom property of what has a fake user only until it is built."""

_held: ContextVar[list[bpy.types.ID] | None] = ContextVar("held", default=None)
"""What the block of code that runs now holds; a coroutine has its own."""


@contextmanager
def holding() -> Iterator[None]:
    """Hold on to what this block makes until it ends."""
    made: list[bpy.types.ID] = []
    token = _held.set(made)
    try:
        yield
    finally:
        _held.reset(token)
        for block in made:
            with suppress(ReferenceError):  # somebody has removed it nonetheless
                _let_go(block)


def held(block: Block, part: str) -> Block:
    """Mark a new data-block as one of our parts, and hold on to it if that is wanted."""
    block[PART] = part
    made = _held.get()
    if made is not None:
        block[_HELD] = True
        block.use_fake_user = True
        made.append(block)
    return block


def let_go_of_all() -> None:
    """Let go of what was being built when the file that is open now was saved by itself."""
    kinds: tuple[Any, ...] = (bpy.data.meshes, bpy.data.node_groups, bpy.data.materials)
    for block in (block for kind in kinds for block in kind):
        if block.library is None and block.get(_HELD):
            _let_go(block)


def _let_go(block: bpy.types.ID) -> None:
    del block[_HELD]
    block.use_fake_user = False
