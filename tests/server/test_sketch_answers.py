"""Asking for something small: what a server may answer, and what is not believed."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest
from tests.server.broken_server import BrokenServer, welcoming
from tests.server.harness import make_request, wait_for
from tests.server.meetings import HASTY, polite

from bridge import sketch
from bridge.events import ChunkArrived
from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.messages import Ack, Cancel, Submit
from livescape_shared.request import MOTION, REGIONS

IMAGES = np.zeros((3, 4, 6, 3), np.uint8)
ARRAYS = {
    "images": IMAGES,
    "mask": np.zeros((4, 6), np.uint8),
    "flow": np.zeros((4, 6, 2), np.float32),
}
META = {"frames_per_image": 3, "fps": 24.0, "edges": [0.0, 0.1, 1.0, 0.9]}
OUTLINES = {"names": ["sky"], "counts": [3]}
CORNERS = np.zeros((3, 2), np.float32)


def chunk(kind=MOTION, meta=META, **arrays):
    return ChunkArrived("job", 0, 1, kind, 0, meta, {**ARRAYS, **arrays})


def regions(meta=OUTLINES, corners=CORNERS):
    return ChunkArrived("job", 0, 1, REGIONS, 0, meta, {"corners": corners})


def test_a_moving_photo_and_outlines_are_read():
    found = sketch.read(MOTION, chunk(), {"remarks": ["Look."]})
    assert found.seconds == pytest.approx(0.125)
    assert found.edges == (0.0, 0.1, 1.0, 0.9)
    assert found.remarks == ("Look.",)
    (outline,) = sketch.read(REGIONS, regions(), {})
    assert outline.name == "sky"
    assert sketch.read(REGIONS, regions({"names": [], "counts": []}, CORNERS[:0]), {}) == []


@pytest.mark.parametrize(
    "wrong",
    [
        chunk(kind="scene"),
        chunk(images=IMAGES.astype(np.float32)),
        chunk(images=IMAGES[:0]),
        chunk(images=IMAGES[..., :2]),
        chunk(images=np.zeros((1000, 4, 6, 3), np.uint8)),
        chunk(mask=np.zeros((5, 6), np.uint8)),
        chunk(flow=np.full((4, 6, 2), np.nan, np.float32)),
        chunk(meta={**META, "fps": 0.0}),
        chunk(meta={**META, "fps": "fast"}),
        chunk(meta={**META, "edges": [0.0, 1.0]}),
        chunk(meta={**META, "edges": [0.0, 1.0, 0.0, float("inf")]}),
        chunk(meta={}),
    ],
)
def test_a_moving_photo_that_is_not_one_is_refused(wrong):
    with pytest.raises(LivescapeError) as caught:
        sketch.read(MOTION, wrong, {})
    assert caught.value.code == "result_invalid"


@pytest.mark.parametrize(
    "wrong",
    [
        regions({"names": ["sky", "water"], "counts": [3]}),
        regions({"names": ["sky"], "counts": [2]}),
        regions({"names": ["sky"], "counts": [4]}),
        regions({"names": ["sky"], "counts": ["3"]}),
        regions(corners=np.full((3, 2), np.inf, np.float32)),
        regions(corners=CORNERS.astype(np.float64)),
        regions({}),
        chunk(),
    ],
)
def test_outlines_that_are_none_are_refused(wrong):
    with pytest.raises(LivescapeError) as caught:
        sketch.read(REGIONS, wrong, {})
    assert caught.value.code == "result_invalid"


def launch(locate):
    """A server that is there, or was."""
    status = SimpleNamespace(state="ready", error=None)
    return SimpleNamespace(poll=lambda: status, locate=locate, client_name="test", timing=HASTY)


def test_what_nobody_wants_any_more_is_cancelled_on_the_server():
    stopped = threading.Event()
    asked = make_request().asking_for(MOTION)

    def script(envelope):
        match envelope.message:
            case Submit():
                stopped.set()
                return [Ack(asked.job_id(), "running")]
            case Cancel(job=job):
                return [Ack(job, "cancelled")]
        return polite(envelope)

    with BrokenServer(welcoming(script)) as broken:
        with pytest.raises(Cancelled):
            sketch.ask(launch(lambda: broken.info), asked, stopped)
        wait_for(lambda: any(isinstance(message, Cancel) for message in broken.heard))


def test_a_server_that_is_gone_is_waited_for_and_then_given_up(monkeypatch):
    monkeypatch.setattr(sketch, "PATIENCE_S", 0.2)
    with pytest.raises(LivescapeError) as caught:
        sketch.ask(launch(lambda: None), make_request().asking_for(MOTION), threading.Event())
    assert caught.value.code == "server_unreachable"
