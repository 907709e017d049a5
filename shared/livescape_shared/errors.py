"""The one error type that reaches a user, on the command line, on the wire and in the panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


class LivescapeError(Exception):
    """A failure with a stable code, one plain sentence and what to do about it.

    Args:
        code: Stable identifier in snake_case, listed in ``docs/errors.md``.
        message: One plain sentence: what went wrong.
        hint: What the user can do; may be empty.
        stage: Stage in which it happened, see ``docs/protocol.md``; may be empty.
        retryable: Whether the same request may succeed if sent again.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str = "",
        stage: str = "",
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.stage = stage
        self.retryable = retryable

    def __str__(self) -> str:
        """Return the sentence followed by the hint."""
        return f"{self.message} {self.hint}".strip()

    def at(self, stage: str) -> LivescapeError:
        """Record where it happened, unless that is known already, and return the error."""
        self.stage = self.stage or stage
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for the wire or a report."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "stage": self.stage,
            "retryable": self.retryable,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LivescapeError:
        """Rebuild an error from :meth:`to_dict`; unknown fields are ignored."""
        return cls(
            str(values.get("code", "unknown")),
            str(values.get("message", "Something failed without saying why.")),
            hint=str(values.get("hint", "")),
            stage=str(values.get("stage", "")),
            retryable=bool(values.get("retryable", False)),
        )


@contextmanager
def happening_in(stage: str) -> Iterator[None]:
    """Name ``stage`` in errors that are raised inside and name none."""
    try:
        yield
    except LivescapeError as error:
        error.at(stage)
        raise


class Cancelled(Exception):
    """Raised between two steps once the user has cancelled.

    Attributes:
        unfinished: Whether a call that cannot be stopped goes on in its own thread.
    """

    unfinished = False
