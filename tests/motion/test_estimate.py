import io
import threading
from dataclasses import replace

import numpy as np
import pytest
from tests.contexts import here
from tests.data.files import ANNOTATED, annotation_bytes
from tests.motion.support import labelme

from livescape.context.progress import Progress
from livescape.motion import flow_estimators
from livescape.motion.auto import Setting
from livescape.motion.flow_estimators import (
    MOTION_ESTIMATORS,
    estimate_motion,
    rescale_flow,
)
from livescape.motion.flow_file import read_flow
from livescape.motion.hints import annotation_mask
from livescape.networks.checkpoints import METHOD
from livescape_shared.annotation_files.kinds import read_annotation
from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.settings import MOTIONS

IMAGE = np.full((90, 160, 3), 0.5, np.float32)
MASK = np.ones((90, 160), np.float32)


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def test_every_choice_of_the_settings_has_an_estimator():
    assert METHOD in MOTION_ESTIMATORS
    assert set(MOTIONS) == set(MOTION_ESTIMATORS)


def test_cancelling_is_heard_while_hints_are_spread(monkeypatch):
    begun, end = threading.Event(), threading.Event()

    def endless(*_):
        begun.set()
        assert end.wait(60)
        return np.zeros((*MASK.shape, 2), np.float32)

    monkeypatch.setattr(flow_estimators, "densify_by_region", endless)
    context = replace(here(), progress=Progress(lambda *_: None, begun.is_set))
    annotation = read_annotation(annotation_bytes(next(iter(ANNOTATED))))
    try:
        with pytest.raises(Cancelled):
            estimate_motion(context, IMAGE, MASK, method="hints", annotation=annotation)
    finally:
        end.set()


@pytest.mark.parametrize("photo", ANNOTATED)
def test_hints_of_photographs_are_met_where_they_were_drawn(photo):
    annotation = read_annotation(annotation_bytes(photo))
    mask = annotation_mask(annotation, 640, 360)
    flow = estimate_motion(
        here(), np.zeros((360, 640, 3)), mask, method="hints", annotation=annotation
    )
    drawn = annotation.resized(640, 360)
    column, row = drawn.starts.T.astype(int)
    on = mask[row, column] > 0.95
    error = np.linalg.norm(flow[row, column] - drawn.motions, axis=1)[on]
    length = np.linalg.norm(drawn.motions, axis=1)[on]
    assert np.median(error / length) < 0.35
    assert not flow[mask == 0].any()
    assert np.linalg.norm(flow, axis=-1).max() <= length.max() * 1.01


def test_the_same_hints_at_another_size_give_the_same_motion():
    annotation = read_annotation(annotation_bytes("eilean_donan"))
    flows = []
    for width, height in ((640, 360), (320, 180)):
        mask = annotation_mask(annotation, width, height)
        image = np.zeros((height, width, 3))
        flows.append(estimate_motion(here(), image, mask, annotation=annotation))
    carried = rescale_flow(flows[0], 320, 180)
    inner = annotation_mask(annotation, 320, 180) == 1
    apart = np.linalg.norm(carried - flows[1], axis=-1)[inner]
    assert np.percentile(apart, 99) < 0.01 * np.abs(flows[1]).max()


def test_a_region_with_hints_of_its_own_listens_to_no_others():
    shapes = [
        ("hint", [[40, 40], [90, 40]]),
        ("hint", [[120, 40], [120, 90]]),
    ]
    annotation = read_annotation(labelme(shapes, width=160, height=90))
    mask = MASK.copy()
    mask[:, 78:82] = 0
    flow = estimate_motion(here(), IMAGE, mask, annotation=annotation)
    np.testing.assert_allclose(flow[:, :78], np.broadcast_to((1.0, 0.0), (90, 78, 2)), atol=1e-6)
    np.testing.assert_allclose(flow[:, 82:], np.broadcast_to((0.0, 1.0), (90, 78, 2)), atol=1e-6)


def test_auto_prefers_what_was_supplied():
    annotation = read_annotation(labelme([("hint", [[10, 10], [10, 60]])], 160, 90))
    supplied = np.full((90, 160, 2), 3.0)
    by_hint = estimate_motion(here(), IMAGE, MASK, annotation=annotation)
    by_flow = estimate_motion(here(), IMAGE, MASK, annotation=annotation, flow=supplied)
    guessed = estimate_motion(here(), IMAGE, MASK, setting=Setting(45))
    np.testing.assert_allclose(by_hint, np.broadcast_to((0.0, 1.0), by_hint.shape), atol=1e-6)
    np.testing.assert_allclose(by_flow, 3.0)
    assert 0.02 < np.linalg.norm(guessed, axis=-1).mean() < 0.5
    assert not estimate_motion(here(), IMAGE, MASK, method="none", flow=supplied).any()


def test_a_flow_file_of_another_size_is_rescaled_with_its_values():
    flow = np.zeros((180, 320, 2), np.float16)
    flow[..., 0], flow[..., 1] = 4, -2
    found = estimate_motion(here(), IMAGE, MASK, method="file", flow=read_flow(npy(flow)))
    np.testing.assert_allclose(found, np.broadcast_to((2.0, -1.0), found.shape))


@pytest.mark.parametrize("method", sorted(MOTION_ESTIMATORS))
def test_an_empty_mask_is_a_static_scene(method):
    annotation = read_annotation(labelme([("hint", [[10, 10], [10, 60]])], 160, 90))
    supplied = np.ones((90, 160, 2))
    inputs = {"annotation": annotation, "flow": supplied, "method": method}
    assert not estimate_motion(here(), IMAGE, np.zeros((90, 160)), **inputs).any()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no numpy", "flow_invalid"),
        (b"", "flow_invalid"),
        (npy(np.zeros((90, 160))), "flow_invalid"),
        (npy(np.zeros((90, 160, 3))), "flow_invalid"),
        (npy(np.full((90, 160, 2), np.nan)), "flow_invalid"),
        (npy(np.array([["a", "b"]])[None]), "flow_invalid"),
        (npy(np.zeros((90, 90, 2))), "flow_size_mismatch"),
    ],
)
def test_bad_flow_files_are_refused(data, code):
    with pytest.raises(LivescapeError) as caught:
        estimate_motion(here(), IMAGE, MASK, method="file", flow=read_flow(data))
    assert caught.value.code == code


def test_pickles_are_never_loaded():
    with pytest.raises(LivescapeError, match="not numbers"):
        read_flow(npy(np.array([{}, None], dtype=object)))


@pytest.mark.parametrize(
    ("method", "code"),
    [("hints", "hints_missing"), ("file", "flow_missing"), ("magic", "motion_unknown")],
)
def test_missing_inputs_are_named(method, code):
    with pytest.raises(LivescapeError) as caught:
        estimate_motion(here(), IMAGE, MASK, method=method)
    assert caught.value.code == code
