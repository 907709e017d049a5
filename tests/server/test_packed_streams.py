"""Results that a client asks for packed, from a real server."""

import numpy as np
import pytest
from tests.server.harness import Client, Peer, Server, follow, is_last_chunk, make_request, of
from tests.server.test_jobs_end_to_end import Sink

from bridge.collect import Collector
from bridge.events import ChunkArrived
from bridge.server_link import is_near
from livescape_shared import packing
from livescape_shared.messages import Finished, Grant, Submit

FRAMES = 6


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("packed"), job="tests.addon.jobs:generate")
    yield running
    running.stop()


def received(server, encoding):
    """Return the chunks as they came and the frames that the collector has made of them."""
    sink = Sink()
    collector = Collector(sink)
    with Client(server.locate, name="test", encoding=encoding) as client:
        client.submit(make_request("photo", frames=FRAMES))
        chunks = of(follow(client, is_last_chunk), ChunkArrived)
    for chunk in chunks:
        collector.feed(chunk)
    assert sink.names[-1] == "finish"
    return chunks, [call[1] for call in sink.calls[3:-1]]


@pytest.fixture(scope="module")
def plain(server):
    return received(server, None)


def test_without_loss_every_array_is_equal_to_the_bit(server, plain):
    chunks, _ = received(server, packing.ZSTD)
    for chunk, wanted in zip(chunks, plain[0], strict=True):
        assert set(chunk.arrays) == set(wanted.arrays)
        for name, array in wanted.arrays.items():
            np.testing.assert_array_equal(chunk.arrays[name], array)


def test_half_precision_is_off_by_no_more_than_is_stated(server, plain):
    chunks, frames = received(server, packing.ZSTD_FLOAT16)
    assert all(set(chunk.arrays) == {"moves"} for chunk in chunks[3:])
    for chunk, wanted in zip(chunks[:3], plain[0], strict=False):
        for name, array in wanted.arrays.items():
            np.testing.assert_array_equal(chunk.arrays[name], array)
    at_rest, worst = chunks[2].arrays["means"], 0.0
    for frame, wanted in zip(frames, plain[1], strict=True):
        error = np.abs(frame.means - wanted.means)
        moved = np.abs(wanted.means - at_rest)
        stated = np.maximum(moved * packing.MOVES_ERROR, packing.SMALLEST_ERROR)
        assert (error <= stated + 2 * np.spacing(np.abs(wanted.means))).all()
        worst = max(worst, float(error.max()))
        np.testing.assert_array_equal(frame.quats, wanted.quats)
    assert len(frames) == FRAMES + 1
    assert worst > 0.0


def test_an_unknown_encoding_is_refused(server):
    with Peer(server.info) as guest:
        welcome = guest.hello(server.info)
        assert set(welcome.encodings) == {packing.ZSTD, packing.ZSTD_FLOAT16}
        request = make_request("photo", frames=FRAMES)
        job = guest.ask(Submit(request.body(), request.arrays())).message.job
        while not isinstance(guest.receive(10).message, Finished):
            pass
        answer = guest.ask(Grant(job, 0, 1000, start=True, encoding="zip")).message
        assert answer.error["code"] == "grant_invalid"


@pytest.mark.parametrize(
    ("endpoint", "near"),
    [
        ("tcp://127.0.0.1:5", True),
        ("tcp://[::1]:5", True),
        ("tcp://localhost:5", True),
        ("tcp://192.168.1.2:5", False),
        ("tcp://gpu:5", False),
    ],
)
def test_nothing_is_packed_on_one_machine(endpoint, near):
    assert is_near(endpoint) is near
