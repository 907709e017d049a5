"""Where moving rows are at every baked frame, told by few numbers instead of by every place.

A trajectory is X(0) plus a sum of a few functions of time, each times a coefficient of the row. The
sum is taken in single precision, element by element and in a fixed order: whoever takes it gets
the same bits, on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import Float32Array, GaussianFrame, Gaussians
from livescape_shared.scene import SceneMeta

ARRAYS = ("coefficients", "incoming", "weights")

MOST_TERMS = 256

_ROWS = 8192  # as many as stay in the processor's cache between the terms


def along(means: Float32Array, coefficients: Float32Array, weights: Float32Array) -> Float32Array:
    """Return the places [M, 3] on trajectories at one moment.

    Args:
        means: [M, 3] at rest.
        coefficients: [K, M, 3] metres.
        weights: [K] values of the functions at that moment.
    """
    places = np.empty_like(means)
    for start in range(0, len(means), _ROWS):
        rows = slice(start, start + _ROWS)
        moved, term = np.zeros_like(means[rows]), np.empty_like(means[rows])
        for weight, coefficient in zip(weights, coefficients, strict=True):
            np.multiply(coefficient[rows], weight, out=term)
            moved += term
        np.add(means[rows], moved, out=places[rows])
    return places


@dataclass(frozen=True)
class Trajectories:
    """All that frames say of rows whose rotations and scales stay.

    Attributes:
        coefficients: [K, B, 3] float32 metres, of the outgoing copies, which are the first rows.
        incoming: [I] int32 whose trajectory each incoming copy follows; these are the other rows.
        weights: [2, F, K] float32 values of the functions at every frame: for outgoing copies, for
            incoming ones.
    """

    coefficients: Float32Array
    incoming: NDArray[np.int32]
    weights: Float32Array

    def __post_init__(self) -> None:
        """Check types and shapes, and that every copy has a trajectory."""
        for name in ("coefficients", "weights"):
            _check(getattr(self, name), np.float32, 3, name)
        _check(self.incoming, np.int32, 1, "incoming")
        terms, count, axes = self.coefficients.shape
        if axes != 3 or not 0 < terms <= MOST_TERMS:
            message = f"coefficients has shape {self.coefficients.shape}"
            raise ValueError(message)
        if self.weights.shape[::2] != (2, terms):
            message = f"weights has shape {self.weights.shape} for {terms} functions"
            raise ValueError(message)
        if len(self.incoming) and not 0 <= self.incoming.min() <= self.incoming.max() < count:
            message = f"incoming names rows beyond the {count} that there are"
            raise ValueError(message)
        if not (np.isfinite(self.coefficients).all() and np.isfinite(self.weights).all()):
            message = "coefficients or weights are not finite"
            raise ValueError(message)

    @classmethod
    def of_scene(cls, arrays: Mapping[str, NDArray[Any]], meta: SceneMeta) -> Trajectories:
        """Return those of a scene, out of ``arrays`` that someone has sent.

        Raises:
            ValueError: If they are not what the scene needs; the message says how.
        """
        missing = [name for name in ARRAYS if name not in arrays]
        if missing:
            message = f"it has no {', '.join(missing)}"
            raise ValueError(message)
        if meta.deforms:
            message = "rotations and scales change too"
            raise ValueError(message)
        found = cls(*(arrays[name] for name in ARRAYS))
        has = (found.coefficients.shape[1] + len(found.incoming), found.weights.shape[1])
        if has != (meta.moving, meta.loop_frames + 1):
            message = f"{has[0]} rows and {has[1]} frames for {meta.moving} and {meta.loop_frames}"
            raise ValueError(message)
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what :meth:`of_scene` takes."""
        return {name: getattr(self, name) for name in ARRAYS}

    @property
    def frames(self) -> int:
        """Number of baked frames."""
        return len(self.weights[0])

    def means(self, at_rest: Float32Array, index: int) -> Float32Array:
        """Return the means [B + I, 3] at baked frame ``index``.

        Args:
            at_rest: [B or more, 3] the means of the outgoing copies at t = 0.
            index: 0 up to, and without, :attr:`frames`.
        """
        starts = at_rest[: self.coefficients.shape[1]]
        outgoing, incoming = self.weights[:, index]
        return np.concatenate(
            [
                along(starts, self.coefficients, outgoing),
                along(starts[self.incoming], self._followed, incoming),
            ]
        )

    @cached_property
    def _followed(self) -> Float32Array:
        """[K, I, 3] the coefficients of the incoming copies."""
        return self.coefficients[:, self.incoming]

    def each_frame(self, at_rest: Gaussians) -> Iterator[GaussianFrame]:
        """Yield every baked frame of rows that are ``at_rest`` at t = 0.

        Raises:
            ValueError: If the sum of a trajectory is not finite.
        """
        for index in range(self.frames):
            with np.errstate(over="ignore", invalid="ignore"):
                means = self.means(at_rest.means, index)
            if not np.isfinite(means).all():
                message = f"means of frame {index} are not finite"
                raise ValueError(message)
            yield GaussianFrame(index, means, at_rest.quats, at_rest.scales)


def _check(array: NDArray[Any], dtype: type[np.generic], dimensions: int, name: str) -> None:
    if array.dtype != dtype or array.ndim != dimensions:
        message = f"{name} is {array.shape} of {array.dtype}"
        raise ValueError(message)
