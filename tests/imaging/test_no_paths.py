"""OpenCV is handed bytes: on Windows it opens no path in other letters than the system's own."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("backend", "shared", "blender_addon", "benchmarks", "scripts", "tests")
BY_PATH = re.compile(
    r"cv2\.(imread\w*|imwrite\w*|VideoCapture|VideoWriter|FileStorage|dnn\.read\w+)\("
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_source_hands_opencv_a_path(folder):
    sources = sorted((ROOT / folder).rglob("*.py"))
    assert sources
    found = [
        f"{source.relative_to(ROOT)}: {match[0]}"
        for source in sources
        for match in BY_PATH.finditer(source.read_text(encoding="utf-8"))
    ]
    assert not found
