"""A vector type for Numba kernels: 16 neighbouring pixels as one value.

LLVM's loop vectoriser gives up on the rasteriser's inner loops for reasons that are hard to see
and change with its version. Here the vector is explicit: `Lanes` values support `+ - * /`,
comparisons and `&`, scalars are broadcast, and LLVM maps them to whatever registers the processor
has (one 512-bit, two 256-bit, four 128-bit). Local `Lanes` variables live in registers.

A `LaneBank` is a fixed number of `Lanes` accumulators as one value: Numba tuples cannot be
updated element by element in a loop, and an array would live in memory. Its operations are
unrolled when they are compiled. `falloff` is exp(-x) over lanes.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core.imputils import lower_cast
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin, models, overload, register_model
from numpy.typing import NDArray

from livescape.engine.jit import FAST_MATH, lane_operation

Floats = NDArray[Any]
"""Array of either float type; a kernel's arrays all share one."""

LANES = 16
"""Pixels handled by one vector operation."""

_FLAGS = tuple(sorted(FAST_MATH))


class LanesType(types.Type):
    """Numba type of 16 floats of type `element`."""

    def __init__(self, element: types.Float) -> None:
        """Make the vector type of float32 or float64."""
        self.element = element
        super().__init__(name=f"Lanes({element})")


class LaneMaskType(types.Type):
    """Numba type of 16 booleans."""

    def __init__(self) -> None:
        """Make the mask type."""
        super().__init__(name="LaneMask")


LANE_MASK = LaneMaskType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: LanesType) -> None:
        element = dmm.lookup(fe_type.element).get_value_type()
        super().__init__(dmm, fe_type, ir.VectorType(element, LANES))


@register_model(LaneMaskType)
class _LaneMaskModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: LaneMaskType) -> None:
        super().__init__(dmm, fe_type, ir.VectorType(ir.IntType(1), LANES))


def _broadcast(builder: Any, value: Any) -> Any:
    vector = ir.VectorType(value.type, LANES)
    undefined = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, undefined, zeros)


@lower_cast(types.Float, LanesType)
def _cast_scalar(context: Any, builder: Any, fromty: Any, toty: LanesType, value: Any) -> Any:
    return _broadcast(builder, context.cast(builder, value, fromty, toty.element))


def _vector_among(args: tuple[Any, ...]) -> LanesType | None:
    return next((arg for arg in args if isinstance(arg, LanesType)), None)


def _register(symbol: Callable[..., Any], result: LaneMaskType | None, emit: Any) -> None:
    """Give Python operator `symbol` a meaning for lanes; `result` None returns lanes."""

    class Template(AbstractTemplate):
        def generic(self, args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
            vector = _vector_among(args)
            if vector is None or len(args) != 2:
                return None
            return signature(result or vector, vector, vector)

    infer_global(symbol)(Template)

    @lower_builtin(symbol, LanesType, LanesType)
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return emit(builder, *args)


_register(operator.add, None, lambda builder, a, b: builder.fadd(a, b, flags=_FLAGS))
_register(operator.sub, None, lambda builder, a, b: builder.fsub(a, b, flags=_FLAGS))
_register(operator.mul, None, lambda builder, a, b: builder.fmul(a, b, flags=_FLAGS))
_register(operator.truediv, None, lambda builder, a, b: builder.fdiv(a, b, flags=_FLAGS))
_register(operator.ge, LANE_MASK, lambda builder, a, b: builder.fcmp_ordered(">=", a, b))
_register(operator.gt, LANE_MASK, lambda builder, a, b: builder.fcmp_ordered(">", a, b))
_register(operator.le, LANE_MASK, lambda builder, a, b: builder.fcmp_ordered("<=", a, b))


@infer_global(operator.and_)
class _MaskAnd(AbstractTemplate):
    def generic(self, args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        if len(args) == 2 and all(isinstance(arg, LaneMaskType) for arg in args):
            return signature(LANE_MASK, LANE_MASK, LANE_MASK)
        return None


@lower_builtin(operator.and_, LaneMaskType, LaneMaskType)
def _lower_mask_and(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.and_(*args)


@lane_operation
def select(typingctx: Any, mask: Any, a: Any, b: Any) -> Any:
    """Lanes of `a` where `mask` holds, of `b` elsewhere."""
    vector = _vector_among((a, b))

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.select(*args)

    return signature(vector, LANE_MASK, vector, vector), emit


@lane_operation
def minimum(typingctx: Any, a: Any, b: Any) -> Any:
    """The smaller of two values in each lane; `b` where `a` is NaN."""
    vector = _vector_among((a, b))

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered("<", *args), *args)

    return signature(vector, vector, vector), emit


@lane_operation
def magnitude(typingctx: Any, a: Any) -> Any:
    """Absolute value in each lane."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        intrinsic_type = ir.FunctionType(args[0].type, [args[0].type])
        name = f"llvm.fabs.{vector_suffix(args[0].type)}"
        function = builder.module.declare_intrinsic(name, (), intrinsic_type)
        return builder.call(function, args)

    return signature(a, a), emit


@lane_operation
def broadcast(typingctx: Any, value: Any) -> Any:
    """The scalar in every lane."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _broadcast(builder, args[0])

    return signature(LanesType(value), value), emit


@lane_operation
def distances(typingctx: Any, start: Any, origin: Any) -> Any:
    """`start + (0, 1, ..., 15) - origin`, in this order: whole pixels first lose no digits."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        first = _broadcast(builder, args[0])
        pixels = builder.fadd(first, ir.Constant(first.type, [float(i) for i in range(LANES)]))
        return builder.fsub(pixels, _broadcast(builder, args[1]))

    return signature(LanesType(start), start, origin), emit


@lane_operation
def total(typingctx: Any, lanes: Any) -> Any:
    """Sum over the lanes, in a fixed order."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return lane_sum(builder, args[0])

    return signature(lanes.element, lanes), emit


@lane_operation
def load(typingctx: Any, array: Any, index: Any) -> Any:
    """16 consecutive elements of a contiguous 1-D array from `index` on; bounds unchecked."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pointer = vector_pointer(context, builder, sig.args[0], *args)
        return builder.load(pointer, align=array.dtype.bitwidth // 8)

    return signature(LanesType(array.dtype), array, types.intp), emit


@lane_operation
def store(typingctx: Any, array: Any, index: Any, value: Any) -> Any:
    """Write 16 consecutive elements of a contiguous 1-D array; bounds unchecked."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pointer = vector_pointer(context, builder, sig.args[0], args[0], args[1])
        builder.store(args[2], pointer, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return signature(types.none, array, types.intp, LanesType(array.dtype)), emit


def lane_sum(builder: Any, value: Any) -> Any:
    """IR for the sum over a vector's lanes; for intrinsics only."""
    vector = value.type
    intrinsic_type = ir.FunctionType(vector.element, [vector.element, vector])
    name = f"llvm.vector.reduce.fadd.{vector_suffix(vector)}"
    function = builder.module.declare_intrinsic(name, (), intrinsic_type)
    return builder.call(function, [ir.Constant(vector.element, 0.0), value], fastmath=_FLAGS)


def vector_pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    """IR pointer to 16 elements of a Numba array; for intrinsics only."""
    data = context.make_array(array_type)(context, builder, array).data
    vector = ir.VectorType(context.get_data_type(array_type.dtype), LANES)
    return builder.bitcast(builder.gep(data, [index]), vector.as_pointer())


def vector_suffix(vector: Any) -> str:
    """How LLVM's intrinsics name a vector type; for intrinsics only."""
    return f"v{LANES}f32" if isinstance(vector.element, ir.FloatType) else f"v{LANES}f64"


class LaneBankType(types.Type):
    """Numba type of `count` vectors."""

    def __init__(self, lanes: LanesType, count: int) -> None:
        """Make the type of `count` accumulators of type `lanes`."""
        self.lanes = lanes
        self.count = count
        super().__init__(name=f"LaneBank({lanes}, {count})")


@register_model(LaneBankType)
class _LaneBankModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: LaneBankType) -> None:
        vector = dmm.lookup(fe_type.lanes).get_value_type()
        super().__init__(dmm, fe_type, ir.ArrayType(vector, fe_type.count))


@lane_operation
def empty_bank(typingctx: Any, lanes: Any, sizes: Any) -> Any:
    """A zeroed bank of as many accumulators like `lanes` as the tuple `sizes` is long."""
    bank = LaneBankType(lanes, len(sizes))

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return ir.Constant(context.get_value_type(bank), None)

    return signature(bank, lanes, sizes), emit


@lane_operation
def add_products(
    typingctx: Any, bank: Any, factor: Any, array: Any, index: Any, stride: Any
) -> Any:
    """The bank with `factor * array[index + k * stride : ... + 16]` added to accumulator k."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        value, weight, data, at, step = args
        align = array.dtype.bitwidth // 8
        for k in range(bank.count):
            term = builder.load(vector_pointer(context, builder, array, data, at), align=align)
            product = builder.fmul(weight, term, flags=_FLAGS)
            total = builder.fadd(builder.extract_value(value, k), product, flags=_FLAGS)
            value = builder.insert_value(value, total, k)
            at = builder.add(at, step)
        return value

    return signature(bank, bank, factor, array, types.intp, types.intp), emit


@lane_operation
def store_totals(typingctx: Any, array: Any, index: Any, bank: Any) -> Any:
    """Write each accumulator's sum over its lanes to `array[index + k]`."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(array)(context, builder, args[0]).data
        for k in range(bank.count):
            at = builder.add(args[1], ir.Constant(args[1].type, k))
            total = lane_sum(builder, builder.extract_value(args[2], k))
            builder.store(total, builder.gep(data, [at]))
        return context.get_dummy_value()

    return signature(types.none, array, types.intp, bank), emit


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
