"""Reading tensors from an untrusted file without running anything in it.

A torch file is a pickle, and a pickle can call any function. It is read with torch's restricted
unpickler, which knows tensors and plain containers; ``argparse.Namespace``, which the SLR-SFS
files hold their options in, is allowed beside them while a file is read, and nothing else is.
"""

from __future__ import annotations

import argparse
import logging
import pickle
import re
import struct
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from torch import Tensor

from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)

# What the readers raise on truncated, altered or unrelated bytes.
_DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SafetensorError,
    TypeError,
    ValueError,
    struct.error,
)
_MAX_HEADER = 100_000_000  # bytes, the limit of the safetensors format
_NUMBERS = {
    torch.float64, torch.float32, torch.float16, torch.bfloat16,
    torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
}  # fmt: skip
_GLOBAL = re.compile(r"GLOBAL (\w[\w.]*)")
_PICKLE_START = b"\x80"


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors or torch file by name.

    A torch file is a mapping of tensors, or of sections that are mappings of tensors; a tensor
    in a section is named ``section.name``. Everything else in the file is left out.

    Raises:
        LivescapeError: ``checkpoint_unsafe`` if the file would have to run code to be read,
            ``checkpoint_unreadable`` if it is missing, damaged or of another kind.
    """
    try:
        with path.open("rb") as file:
            start = file.read(16)
        if _is_safetensors(start):
            return _read_safetensors(path)
        content = _load_restricted(path)
    except pickle.UnpicklingError as error:
        raise _refused(path, error, start) from error
    except _DAMAGE as error:
        LOGGER.info("reading %s failed: %r", path, error)
        raise LivescapeError(
            "checkpoint_unreadable",
            f"The checkpoint {path.name} is missing, damaged or not a checkpoint.",
            hint="Download it again; .safetensors and torch files can be read.",
        ) from error
    return _flatten(content)


def _is_safetensors(start: bytes) -> bool:
    """Return whether a file that starts with these bytes has the header of this format."""
    length = int.from_bytes(start[:8], "little")
    return start[8:9] == b"{" and length <= _MAX_HEADER


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    # Read whole: tensors of a mapped file would change or crash with the file on disk.
    tensors = load_safetensors(path.read_bytes())
    for name, tensor in tensors.items():
        if tensor.dtype not in _NUMBERS:
            raise ValueError(f"{name!r} has the type {tensor.dtype}, which no network here uses")
    return dict(tensors)


def _load_restricted(path: Path) -> Any:
    safe = torch.serialization.safe_globals([argparse.Namespace])
    # Of a path, torch would look at the ending and hand ".safetensors" to another reader.
    with warnings.catch_warnings(), safe, path.open("rb") as file:
        warnings.simplefilter("ignore", UserWarning)  # remarks on pickles of other protocols
        return torch.load(file, map_location="cpu", weights_only=True)


def _refused(path: Path, error: pickle.UnpicklingError, start: bytes) -> LivescapeError:
    """Return the error for a file that the restricted unpickler does not read."""
    named = _GLOBAL.search(str(error))
    if named is None and not start.startswith(_PICKLE_START):
        return LivescapeError(
            "checkpoint_unreadable",
            f"The checkpoint {path.name} is damaged or not a checkpoint.",
            hint="Download it again; .safetensors and torch files can be read.",
        )
    what = f"would run {named[1].rstrip('.')}" if named else "is a bare pickle, not weights"
    return LivescapeError(
        "checkpoint_unsafe",
        f"The checkpoint {path.name} {what}, so it was not opened.",
        hint="Use the authors' own file, or save only its weights as .safetensors.",
    )


def _flatten(content: Any) -> dict[str, Tensor]:
    """Return tensors of the first two levels; deeper ones belong to optimisers."""
    tensors: dict[str, Tensor] = {}
    for name, value in _named(content):
        inner = [(f"{name}.{key}", part) for key, part in _named(value)]
        found = [(key, part) for key, part in [(name, value), *inner] if _is_plain(part)]
        tensors.update(found)
    return tensors


def _is_plain(value: Any) -> bool:
    """Return whether this is a tensor of numbers in memory: not sparse, quantised or virtual."""
    return (
        isinstance(value, Tensor)
        and value.layout == torch.strided
        and value.is_floating_point()
        and not value.is_meta
    )


def _named(value: Any) -> list[tuple[str, Any]]:
    """Return the entries of a mapping whose keys are names; none if it is no mapping."""
    if not isinstance(value, Mapping):
        return []
    return [(key, part) for key, part in value.items() if isinstance(key, str)]
