"""A vector type for Numba kernels: 16 neighbouring pixels as one value.

LLVM's loop vectoriser gives up on the rasteriser's inner loops for reasons that are hard to see
and change with its version. Here the vector is explicit: `Lanes` values support `+ - * /`,
comparisons and `&`, scalars are broadcast, and LLVM maps them to whatever registers the processor
has (one 512-bit, two 256-bit, four 128-bit). Local `Lanes` variables live in registers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core.imputils import lower_cast
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin, models, register_model

from livescape.engine.jit import FAST_MATH, lane_operation

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
