"""Adam (Kingma and Ba 2015) for parameters whose rows may change between two steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim.adam import adam

from livescape.gaussians.parameters import GaussianParameters

MOMENTUM, MEMORY = 0.8, 0.999
"""Adam's decay rates. Views take turns, so that few steps in a row go the same way: the usual
momentum of 0.9 carries the gradient of the photo through several other views."""


@dataclass(frozen=True, eq=False)
class Moments:
    """What Adam remembers of one parameter.

    Attributes:
        first: Mean of the gradients, in the parameter's shape.
        second: Mean of their squares.
        steps: How many there were, a float32 scalar.
    """

    first: Tensor
    second: Tensor
    steps: Tensor


class Adam:
    """Fused steps of the parameters of some Gaussians.

    It is torch's own function without the object around it, which imports the compiler of whole
    networks: two seconds, in every process, for nothing.

    Attributes:
        moments: By the parameter's name, those that have been stepped.
    """

    def __init__(self, rates: Mapping[str, float], floors: Mapping[str, float]) -> None:
        """Step the parameters that are named.

        Args:
            rates: Learning rates.
            floors: Size of a gradient below which steps become small.
        """
        self._rates, self._floors = dict(rates), dict(floors)
        self.moments: dict[str, Moments] = {}

    @torch.no_grad()
    def step(self, parameters: GaussianParameters, share: float = 1.0) -> None:
        """Go one step by ``share`` of every rate, and clear the gradients."""
        for name, rate in self._rates.items():
            leaf = getattr(parameters, name)
            if leaf.grad is None:
                continue
            if name not in self.moments:
                steps = torch.zeros((), dtype=torch.float32, device=leaf.device)
                self.moments[name] = Moments(torch.zeros_like(leaf), torch.zeros_like(leaf), steps)
            own = self.moments[name]
            adam(
                [leaf],
                [leaf.grad],
                [own.first],
                [own.second],
                [],
                [own.steps],
                fused=True,
                amsgrad=False,
                beta1=MOMENTUM,
                beta2=MEMORY,
                lr=rate * share,
                weight_decay=0.0,
                eps=self._floors[name],
                maximize=False,
            )
            leaf.grad = None

    def keep(self, kept: Tensor, added: int) -> None:
        """Go on with the rows ``kept`` [K], and with ``added`` more that have no past."""

        def later(values: Tensor) -> Tensor:
            return torch.cat([values[kept], values.new_zeros(added, *values.shape[1:])])

        self.moments = {
            name: Moments(later(own.first), later(own.second), own.steps)
            for name, own in self.moments.items()
        }
