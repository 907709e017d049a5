"""Damage of every kind in the files of a cache: one sentence, or what is left of them."""

import json

import numpy as np
import pytest
from tests.imaging.damage import refusal
from tests.imaging.inside_damage import damaged
from tests.shared.cache_samples import CODES, KINDS, cache_files, whole_cache

from livescape_shared.cache.manifest import FILE, read_manifest
from livescape_shared.errors import LivescapeError

MUTATIONS = 120


@pytest.mark.parametrize("name", KINDS)
def test_damage_is_one_sentence_or_nothing(name, tmp_path):
    read, data = cache_files(tmp_path)[name]
    read(data)
    rng = np.random.default_rng([*name.encode()])
    refusals = [error for _ in range(MUTATIONS) if (error := refusal(read, damaged(data, rng)))]
    assert refusals
    assert {error.code for error in refusals} <= set(CODES)
    assert all(str(error).endswith(".") for error in refusals)


@pytest.mark.parametrize("name", ["x" * 300, "../other", "/etc/passwd", "a\0b", "", ".."])
def test_a_file_with_an_impossible_name_is_refused(name, tmp_path):
    folder = whole_cache(tmp_path)
    values = json.loads((folder / FILE).read_text())
    values["files"][name] = {"bytes": 0, "sha256": ""}
    (folder / FILE).write_text(json.dumps(values))
    with pytest.raises(LivescapeError) as caught:
        read_manifest(folder)
    assert caught.value.code == "cache_damaged"
