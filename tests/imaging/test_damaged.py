"""Damage of every kind, in every kind of file: one sentence of the reader's, or what is left of it.

Mutations are seeded, so a failure can be run again by its name.
"""

import resource

import numpy as np
import pytest
from tests.imaging.damage import READERS, kinds, refusal, whole_files
from tests.imaging.inside_damage import damaged

from livescape_shared.annotation_files.kinds import read_annotation
from livescape_shared.errors import LivescapeError

MUTATIONS = 60


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    return whole_files(tmp_path_factory.mktemp("exr"))


@pytest.mark.parametrize(("reader", "kind"), kinds())
def test_damage_is_one_sentence_of_the_reader_or_nothing(whole, reader, kind):
    read, codes = READERS[reader]
    data = whole[reader][kind]
    read(data)
    rng = np.random.default_rng([*f"{reader} {kind}".encode()])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refusals = [error for _ in range(MUTATIONS) if (error := refusal(read, damaged(data, rng)))]
    assert {error.code for error in refusals} <= set(codes)
    assert all(error.hint and str(error).endswith(".") for error in refusals)
    assert refusals
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 400_000, "a few kilobytes took more than 400 MB to refuse"


@pytest.mark.parametrize(
    "points", ["[[1e400, 2], [3, 4]]", f"[[{10**400}, 2], [3, 4]]", "[[1e200, 2], [3, 4]]"]
)
def test_numbers_beyond_every_float_are_told(points):
    data = ('{"imageWidth": 96, "imageHeight": 72, "shapes": [{"label": "hint", "points": '
            f"{points}}}]}}")  # fmt: skip
    with pytest.raises(LivescapeError) as caught:
        read_annotation(data.encode())
    assert caught.value.code == "annotation_invalid"
