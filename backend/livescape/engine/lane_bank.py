"""A fixed number of `Lanes` accumulators as one Numba value, kept in registers.

Numba tuples cannot be updated element by element in a loop, and an array would live in memory.
The bank's operations are unrolled when they are compiled.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core.typing.templates import signature
from numba.extending import models, register_model

from livescape.engine.jit import FAST_MATH, lane_operation
from livescape.engine.lanes import LanesType, lane_sum, vector_pointer

_FLAGS = tuple(sorted(FAST_MATH))


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
