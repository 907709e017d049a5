"""What counts as an integer, number or text: one rule for settings, requests, files and messages.

Nothing is converted: ``2.5``, ``True`` and ``"3"`` are not integers, ``nan`` and ``True`` are not
numbers. The one exception is an integer where a number is meant.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray


class WrongValue(ValueError):
    """A value of another kind or size; its text completes a sentence such as "views is ..."."""


def _wrong(value: Any, wanted: str) -> WrongValue:
    return WrongValue(f"{reprlib.repr(value)}; it must be {wanted}")


def _between(kind: str, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return kind
    return f"{kind} between {low} and {high}"


def is_integer(value: Any) -> bool:
    """Return whether ``value`` is a whole number and was written as one."""
    return type(value) is int


def integer(value: Any, low: int | None = None, high: int | None = None) -> int:
    """Return ``value`` if it is an integer from ``low`` to ``high``, both included.

    Raises:
        WrongValue: If it is not.
    """
    if type(value) is not int or not _within(value, low, high):
        raise _wrong(value, _between("a whole number", low, high))
    return value


def number(value: Any, low: float | None = None, high: float | None = None) -> float:
    """Return ``value`` as a float if it is a finite number from ``low`` to ``high``.

    Raises:
        WrongValue: If it is not.
    """
    if type(value) in (int, float) and _within(value, low, high):
        try:
            converted = float(value)
        except OverflowError:
            converted = math.inf
        if math.isfinite(converted):
            return converted
    raise _wrong(value, _between("a number", low, high))


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def boolean(value: Any) -> bool:
    """Return ``value`` if it is true or false, and not merely 1 or 0.

    Raises:
        WrongValue: If it is not.
    """
    if type(value) is not bool:
        raise _wrong(value, "true or false")
    return value


def text(value: Any) -> str:
    """Return ``value`` if it is a text.

    Raises:
        WrongValue: If it is not.
    """
    if type(value) is not str:
        raise _wrong(value, "a text")
    return value


def mapping(value: Any) -> Mapping[str, Any]:
    """Return ``value`` if it is a map from names to values.

    Raises:
        WrongValue: If it is not.
    """
    if not isinstance(value, Mapping) or not all(type(key) is str for key in value):
        raise _wrong(value, "a map of names")
    return value


def matrix(value: Any, rows: int, columns: int) -> NDArray[np.float64]:
    """Return a list of ``rows`` lists of ``columns`` finite numbers as an array.

    Raises:
        WrongValue: If it is not.
    """
    wanted = f"{rows} lists of {columns} numbers"
    if not isinstance(value, Sequence) or len(value) != rows:
        raise _wrong(value, wanted)
    if not all(isinstance(row, list | tuple) and len(row) == columns for row in value):
        raise _wrong(value, wanted)
    if not set(map(type, chain.from_iterable(value))) <= {int, float}:
        raise _wrong(value, wanted)
    try:
        array = np.array(value, dtype=np.float64)
    except OverflowError as error:
        raise _wrong(value, wanted) from error
    if not np.isfinite(array).all():
        raise _wrong(value, wanted)
    return array
