"""The photo moving in 2D, and outlines of what moves by itself: asked for as a scene is."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.pipeline.support import HEIGHT, WIDTH, crop, request, run

from livescape.pipeline import result_chunks
from livescape.stages import layout
from livescape.stages.sketch import LOOP
from livescape_shared.annotation import Annotation, write_labelme
from livescape_shared.errors import LivescapeError
from livescape_shared.request import MOTION, REGIONS, GenerateRequest, check_parts

WATER = np.float32([[5, 90], [155, 90], [155, 115], [5, 115]])
DRAG = np.float32([[[80, 100], [120, 100]]])


def drawn(**parts):
    given = {"polygons": (WATER,), "hints": DRAG, "width": WIDTH, "height": HEIGHT, **parts}
    return write_labelme(Annotation(**given))


def sketched(folder, purpose, **parts):
    files = {name: parts.pop(name) for name in ("hints",) if name in parts}
    return run(request(files=files, **parts).asking_for(purpose), folder)


def test_ids_of_scenes_stay_and_those_of_sketches_differ():
    asked = request()
    assert "purpose" not in asked.body()
    ids = {asked.asking_for(purpose).job_id() for purpose in ("scene", MOTION, REGIONS)}
    assert len(ids) == 3
    assert asked.job_id() in ids
    for purpose in (MOTION, REGIONS):
        named = asked.asking_for(purpose)
        assert check_parts(named.body(), named.arrays()) == named.job_id()
        assert GenerateRequest.from_parts(named.body(), named.arrays()).purpose == purpose
    with pytest.raises(LivescapeError) as caught:
        check_parts({**asked.body(), "purpose": "opera"}, asked.arrays())
    assert caught.value.code == "request_invalid"


def test_only_what_was_drawn_moves_as_it_was_drawn(tmp_path):
    found = sketched(tmp_path, MOTION, motion="hints", hints=drawn())
    ((kind, index, meta, arrays),) = result_chunks(found)
    assert (kind, index) == (MOTION, 0)
    images, mask = arrays["images"], arrays["mask"]
    assert images.dtype == np.uint8
    assert meta["frames_per_image"] * len(images) == LOOP
    height, width = mask.shape
    photo = cv2.imdecode(np.frombuffer(crop(), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    photo = cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA)
    assert np.abs(images[0].astype(int) - photo).mean() < 2.0
    changed = np.abs(images.astype(int) - images[0]).max(axis=(0, 3))
    assert not changed[mask == 0].any()
    assert (changed[mask > 128] > 0).mean() > 0.3
    row, column = round(100 * height / HEIGHT), round(80 * width / WIDTH)
    np.testing.assert_allclose(arrays["flow"][row, column], [40 / 50 * width / WIDTH, 0], atol=0.02)


def test_what_stands_stands_and_a_still_photo_is_one_image(tmp_path):
    everything = np.float32([[0, 0], [160, 0], [160, 120], [0, 120]])
    found = sketched(tmp_path, MOTION, motion="hints", hints=drawn(still=(everything,)))
    assert found.arrays["images"].shape[0] == 1
    assert not found.arrays["mask"].any()
    assert not found.arrays["flow"].any()


def test_a_guess_is_as_sure_as_that_of_the_scene(tmp_path, monkeypatch):
    look, flows = layout.run, {}
    for sure in (1.0, 0.25):

        def so_sure(context, inputs, sure=sure):
            found = look(context, inputs)
            return replace(found, flows=np.full_like(found.flows, sure))

        monkeypatch.setattr(layout, "run", so_sure)
        flows[sure] = sketched(tmp_path, MOTION, motion="auto").arrays["flow"]
    river = slice(round(0.85 * len(flows[1.0])), None)
    assert np.abs(flows[1.0][river]).max() > 0.01
    np.testing.assert_allclose(flows[0.25][river], 0.25 * flows[1.0][river], atol=1e-5)


def test_remarks_are_told(tmp_path):
    against = np.float32([[[80, 100], [120, 100]], [[85, 101], [45, 101]]])
    found = sketched(tmp_path, MOTION, motion="hints", hints=drawn(hints=against))
    assert any("against each other" in remark for remark in found.report["remarks"])


def test_regions_are_outlines_of_sky_and_water(tmp_path):
    found = sketched(tmp_path, REGIONS)
    ((kind, _, meta, arrays),) = result_chunks(found)
    assert kind == REGIONS
    assert "water" in meta["names"]
    assert sum(meta["counts"]) == len(arrays["corners"])
    assert arrays["corners"].min() >= 0
    assert arrays["corners"].max() <= 1
    json.dumps(meta)
