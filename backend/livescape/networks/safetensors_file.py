"""Reading the safetensors container: a JSON header, then raw little-endian tensors."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, TypeGuard

import torch
from torch import Tensor

_DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
_MAX_HEADER = 100_000_000  # the limit of the format itself


def is_safetensors(start: bytes) -> bool:
    """Return whether a file that starts with these (at least 9) bytes is of this format."""
    return (
        len(start) >= 9
        and int.from_bytes(start[:8], "little") <= _MAX_HEADER
        and (start[8:9] == b"{")
    )


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Return all tensors of a file by name.

    Raises:
        ValueError: The header makes no sense or does not fit the file.
    """
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    body = memoryview(data)[8 + length :]
    try:
        header = json.loads(data[8 : 8 + length])
    except RecursionError as error:
        raise ValueError("the header is nested without end") from error
    if not isinstance(header, dict):
        raise ValueError("the header is no JSON object")
    header.pop("__metadata__", None)
    return {name: _tensor(name, entry, body) for name, entry in header.items()}


def _tensor(name: str, entry: Any, body: memoryview) -> Tensor:
    if not isinstance(entry, dict):
        raise ValueError(f"the entry of {name!r} is no JSON object")
    shape, offsets = entry.get("shape"), entry.get("data_offsets")
    if not (_whole_numbers(shape) and _whole_numbers(offsets) and len(offsets) == 2):
        raise ValueError(f"{name!r} has no shape or no place")
    if entry.get("dtype") not in _DTYPES:
        raise ValueError(f"{name!r} has the unknown type {entry.get('dtype')!r}")
    dtype = _DTYPES[entry["dtype"]]
    start, end = offsets
    size = math.prod(shape) * dtype.itemsize
    if end - start != size or end > len(body):
        raise ValueError(f"{name!r} does not fit the file")
    if size == 0:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(bytearray(body[start:end]), dtype=dtype).reshape(shape)


def _whole_numbers(values: Any) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)
