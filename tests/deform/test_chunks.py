"""What is sent of moving Gaussians says where they are to the bit, whichever way it is told."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.deform.hexplane_support import river
from tests.deform.support import FADE, LOOP, random_field, wall

from livescape.deform.hexplane_field import HexPlaneField, single_copy_field
from livescape.deform.living_scene import LivingScene, scene_chunks
from livescape_shared.conventions import FOR_EVER
from livescape_shared.scene import SceneMeta
from livescape_shared.trajectories import Trajectories


def partly_followed():
    """A field of which every third row has no incoming copy."""
    field = random_field(50, 8)
    field.handover[::3, 0] = FOR_EVER
    return field


def scene_of(moving):
    still, deforms = wall(), isinstance(moving, HexPlaneField)
    count = len(moving.all_copies().windows)
    meta = SceneMeta(len(still), count, LOOP, True, FADE, 1, 24.0, "linear", deforms)
    return LivingScene(still, moving, json.dumps(meta.to_dict()), "{}")


@pytest.mark.parametrize("field", [random_field(50, 2), random_field(1, 32), partly_followed()])
def test_trajectories_give_the_bits_of_every_frame(field):
    scene = scene_of(field)
    chunks = list(scene_chunks(scene))
    assert [kind for kind, *_ in chunks] == ["scene", "static", "moving", "trajectories"]
    told = Trajectories.of_scene(chunks[3][3], scene.meta)
    frames = list(told.each_frame(field.all_copies().gaussians))
    assert len(frames) == LOOP + 1
    for index, frame in enumerate(frames):
        wanted = field.frame(index, LOOP)
        for name in ("means", "quats", "scales"):
            np.testing.assert_array_equal(getattr(frame, name), getattr(wanted, name))
    assert np.ptp([frame.means for frame in frames], axis=0).min() > 0.0


def test_the_sum_is_that_of_the_formula():
    """In double precision, and over more rows than are taken at a time."""
    rng = np.random.default_rng(4)
    means = rng.normal(size=(20_000, 3)).astype(np.float32)
    coefficients = rng.normal(size=(7, 20_000, 3)).astype(np.float32)
    weights = rng.normal(size=(2, 3, 7)).astype(np.float32)
    incoming = np.flatnonzero(rng.uniform(size=20_000) < 0.4).astype(np.int32)
    found = Trajectories(coefficients, incoming, weights)
    for index in range(3):
        moved = np.einsum("ck,kmd->cmd", weights[:, index].astype(float), coefficients)
        wanted = np.concatenate([means + moved[0], (means + moved[1])[incoming]])
        np.testing.assert_allclose(found.means(means, index), wanted, atol=5e-6)


def test_a_scene_that_deforms_is_told_frame_by_frame():
    line = river(200)
    field = single_copy_field(replace(line, coefficients=line.coefficients[:1]))
    scene = scene_of(field)
    chunks = list(scene_chunks(scene))[3:]
    assert [(kind, index) for kind, index, _, _ in chunks] == [
        ("frame", index) for index in range(LOOP + 1)
    ]
    for _, index, _, arrays in chunks:
        for name in ("means", "quats", "scales"):
            np.testing.assert_array_equal(arrays[name], getattr(field.frame(index, LOOP), name))
