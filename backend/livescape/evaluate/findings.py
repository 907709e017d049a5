"""What an evaluation finds: rows of figures, and curves of what changes from frame to frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Row = dict[str, str | float]
Values = dict[str, float]
Series = dict[str, list[float]]
"""Numbers by name, one per frame; NaN where there is none. ``frame`` is the number of the frame."""


@dataclass(frozen=True)
class Curve:
    """How figures go from frame to frame.

    Attributes:
        case: What was asked and who answered, as in a row of figures.
        series: The numbers.
    """

    case: Mapping[str, str | float]
    series: Series


@dataclass
class Findings:
    """Rows and curves, in the order in which they were found."""

    rows: list[Row] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)

    def add(self, case: Row, values: Values, series: Series | None = None) -> None:
        """Add a row, and a curve if there are ``series``."""
        self.rows.append({**case, **values})
        if series:
            self.curves.append(Curve(case, series))

    def extend(self, others: Sequence[Findings]) -> None:
        """Add what others found."""
        for other in others:
            self.rows += other.rows
            self.curves += other.curves
