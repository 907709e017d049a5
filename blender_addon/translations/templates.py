"""Finds the template of a sentence into which values have been put already.

An error is one English sentence wherever it goes; what it was made of is known only where it was
raised. So the values are read out of it again, by the templates that have a translation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

FEWEST_LETTERS = 4
"""A template with fewer letters of its own, such as ``{0} px``, would fit by chance."""

_GAP = re.compile(r"\{\d+\}")
_END = re.compile(r"(?<=[.?!]) ")
"""Between two sentences."""


class _Template(NamedTuple):
    text: str
    gaps: tuple[int, ...]
    pattern: re.Pattern[str]


class Templates:
    """Sentences with gaps, those that say most themselves first.

    Args:
        texts: In English, with gaps ``{0}``, ``{1}`` and so on; others are ignored.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        known = [text for text in texts if _GAP.search(text) and _letters(text) >= FEWEST_LETTERS]
        known.sort(key=lambda text: (_letters(text), len(_GAP.sub("", text))), reverse=True)
        self._templates = [_template(text) for text in known]

    def translated(self, text: str, look_up: Callable[[str], str]) -> str:
        """Return a text by ``look_up``, or sentence by sentence, each by its template or as it is.

        What fills a gap is translated likewise, unless it looks like the name of something.
        """
        whole = look_up(text)
        if whole != text:
            return whole
        sentences, told = _END.split(text), []
        while sentences:
            count, said = 1, sentences[0]
            for ahead in range(1, len(sentences) + 1):
                found = self._one(" ".join(sentences[:ahead]), look_up)
                if found:
                    count, said = ahead, found
                    break
            del sentences[:count]
            told.append(said)
        return " ".join(told)

    def _one(self, text: str, look_up: Callable[[str], str]) -> str:
        """Return the translation of what a template was made for, empty if there is none."""
        whole = look_up(text)
        if whole != text:
            return whole
        for template in self._templates:
            found = template.pattern.fullmatch(text)
            if found is not None:
                values = dict(zip(template.gaps, found.groups(), strict=True))
                told = {
                    gap: value if _is_name(value) else self.translated(value, look_up)
                    for gap, value in values.items()
                }
                ordered = [told.get(gap, "") for gap in range(max(template.gaps) + 1)]
                return look_up(template.text).format(*ordered)
        return ""


def gaps(text: str) -> list[str]:
    """Return the gaps of a template, in ascending order."""
    return sorted(_GAP.findall(text))


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _is_name(value: str) -> bool:
    """Whether a value is one word with a capital, as names of objects mostly are."""
    return value[:1].isupper() and " " not in value


def _template(text: str) -> _Template:
    pieces = _GAP.split(text)
    pattern = "(.*)".join(map(re.escape, pieces))
    order = tuple(int(gap[1:-1]) for gap in _GAP.findall(text))
    return _Template(text, order, re.compile(pattern, re.DOTALL))
