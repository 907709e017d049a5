"""Constants that the backend and Blender share stand once."""

from pathlib import Path

import pytest

from livescape_shared import rendering

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path
    for folder in ("backend", "blender_addon", "shared")
    for path in (ROOT / folder).rglob("*.py")
    if path != Path(rendering.__file__).resolve()
]
LONG = [
    rendering.LINEAR_KNEE,
    rendering.SRGB_KNEE,
    rendering.SRGB_SLOPE,
    rendering.SH_C0,
    rendering.SH_C1,
    *rendering.SH_C2,
    *rendering.SH_C3,
]


@pytest.mark.parametrize("value", LONG)
def test_no_source_repeats_a_constant(value):
    repeated = [str(path) for path in SOURCES if repr(value) in path.read_text(encoding="utf-8")]
    assert len(SOURCES) > 200
    assert repeated == []
