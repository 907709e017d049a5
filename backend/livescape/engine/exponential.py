"""exp(-x) for splat falloff: a short polynomial over lanes in float32, exact in float64."""

from __future__ import annotations

import math
from typing import Any

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core.typing.templates import signature
from numba.extending import overload

from livescape.engine.jit import lane_operation
from livescape.engine.lanes import LANES, LanesType, minimum

# Least-maximum fit of exp(-x / 4) on [0, 5.6] in powers of x - 2.8: around the middle all powers
# stay small, so that rounding does not outweigh the fit's own 4e-8.
_MIDDLE = 2.8
_C0, _C1, _C2, _C3 = 4.965852993e-01, -1.241463340e-01, 1.551831092e-02, -1.293182964e-03
_C4, _C5, _C6, _C7 = 8.081077876e-05, -4.043038727e-06, 1.712736436e-07, -5.932380605e-09

# exp(-5.6) < 1/255: beyond, a splat of any opacity up to 1 is skipped, whatever the value here.
_CUTOFF = 5.6


def falloff(sigma: Any) -> Any:
    """exp(-sigma) in each lane, for sigma >= 0.

    In float32 the relative error is at most 6e-7 up to sigma = 5.6, and larger arguments return
    exp(-5.6), which every opacity up to 1 takes below the 1/255 threshold. float64 is exact.
    """
    return math.exp(-sigma)


@overload(falloff)
def _falloff(sigma: Any) -> Any:
    if not isinstance(sigma, LanesType):
        return None

    def exact(sigma: Any) -> Any:
        return _exact(sigma)

    def polynomial(sigma: Any) -> Any:
        x = minimum(sigma, _CUTOFF) - _MIDDLE
        p = x * _C7 + _C6
        p = x * p + _C5
        p = x * p + _C4
        p = x * p + _C3
        p = x * p + _C2
        p = x * p + _C1
        p = x * p + _C0
        p = p * p
        return p * p

    return exact if sigma.element == numba.float64 else polynomial


@lane_operation
def _exact(typingctx: Any, sigma: Any) -> Any:
    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector = args[0].type
        scalar = ir.FunctionType(vector.element, [vector.element])
        exp = builder.module.declare_intrinsic("llvm.exp.f64", (), scalar)
        result = ir.Constant(vector, ir.Undefined)
        for lane in range(LANES):
            index = ir.Constant(ir.IntType(32), lane)
            value = builder.extract_element(builder.fneg(args[0]), index)
            result = builder.insert_element(result, builder.call(exp, [value]), index)
        return result

    return signature(sigma, sigma), emit
