"""The collector believes nothing unseen."""

import numpy as np
import pytest
from tests.server import worker_jobs as jobs
from tests.server.test_jobs_end_to_end import Sink

from bridge.collect import Collector
from bridge.events import ChunkArrived
from livescape_shared.errors import LivescapeError
from livescape_shared.trajectories import Trajectories

FRAMES = 3


def scene():
    parts = list(jobs.result_chunks(jobs.Result(FRAMES)))
    return [
        ChunkArrived("j", seq, len(parts), kind, index, dict(meta), dict(arrays))
        for seq, (kind, index, meta, arrays) in enumerate(parts)
    ]


def feed_all(collector, chunks):
    for chunk in chunks:
        collector.feed(chunk)


def feed(chunks):
    sink = Sink()
    collector = Collector(sink)
    feed_all(collector, chunks)
    return sink, collector


def rejected(chunks):
    sink = Sink()
    collector = Collector(sink)
    with pytest.raises(LivescapeError) as caught:
        feed_all(collector, chunks)
    assert caught.value.code == "result_invalid"
    assert "finish" not in sink.names
    assert sink.names.count("abort") == ("begin" in sink.names)
    assert collector.finished
    return caught.value.message


def changed(chunk, **values):
    return ChunkArrived(**{**vars(chunk), **values})


def with_array(chunk, name, change):
    arrays = dict(chunk.arrays)
    arrays[name] = change(arrays[name].copy())
    return changed(chunk, arrays=arrays)


def test_a_whole_scene_reaches_the_sink_in_order():
    sink, collector = feed(scene())
    assert sink.names == ["begin", "static", "moving", *["frame"] * (FRAMES + 1), "finish"]
    assert collector.finished
    assert [call[1].index for call in sink.calls[3:-1]] == list(range(FRAMES + 1))
    with pytest.raises(ValueError, match="after the end"):
        collector.feed(scene()[0])


def test_a_scene_without_motion_may_have_no_frames():
    chunks = [changed(chunk, total=3) for chunk in scene()[:3]]
    chunks[0].meta["moving"] = 0
    chunks[2] = changed(chunks[2], arrays={n: a[:0] for n, a in chunks[2].arrays.items()})
    assert feed(chunks)[0].names == ["begin", "static", "moving", "finish"]


def test_what_does_not_change_is_not_sent_and_comes_out_as_it_was_at_rest():
    chunks = scene()
    chunks[0].meta["deforms"] = False
    for chunk in chunks[3:]:
        del chunk.arrays["quats"], chunk.arrays["scales"]
    calls = feed(chunks)[0].calls
    at_rest = calls[2][1].gaussians
    for _, frame in calls[3:-1]:
        np.testing.assert_array_equal(frame.quats, at_rest.quats)
        np.testing.assert_array_equal(frame.scales, at_rest.scales)
    chunks[0].meta["deforms"] = True
    assert "no float32 quats" in rejected(chunks)
    chunks[0].meta["deforms"] = 1
    assert "its deforms is 1" in rejected(chunks)


def told_by_trajectories():
    """The scene, its frames told by what they are sums of, and the frames."""
    chunks = scene()[:3]
    chunks[0].meta["deforms"] = False
    means = chunks[2].arrays["means"]
    rng = np.random.default_rng(5)
    told = Trajectories(
        rng.normal(size=(4, len(means) - 2, 3)).astype(np.float32),
        np.array([0, 3], np.int32),
        rng.normal(size=(2, FRAMES + 1, 4)).astype(np.float32),
    )
    chunks.append(ChunkArrived("j", 3, 4, "trajectories", 0, {}, told.arrays()))
    frames = [told.means(means, index) for index in range(FRAMES + 1)]
    return [changed(chunk, total=4) for chunk in chunks], frames


def test_trajectories_become_frames():
    chunks, means = told_by_trajectories()
    sink, collector = feed(chunks)
    assert sink.names == ["begin", "static", "moving", *["frame"] * (FRAMES + 1), "finish"]
    at_rest = sink.calls[2][1].gaussians
    for index, (_, frame) in enumerate(sink.calls[3:-1]):
        assert frame.index == index
        np.testing.assert_array_equal(frame.means, means[index])
        np.testing.assert_array_equal(frame.quats, at_rest.quats)
        np.testing.assert_array_equal(frame.scales, at_rest.scales)
    assert collector.finished
    assert not collector.is_writing


def test_what_there_is_no_time_for_is_left_to_the_next_call():
    chunks, _ = told_by_trajectories()
    sink = Sink()
    collector = Collector(sink)
    assert [collector.feed(chunk, 0.0) for chunk in chunks] == [False] * 4
    seen = [sink.names.count("frame")]
    while collector.is_writing:
        over = collector.go_on(0.0)
        seen.append(sink.names.count("frame"))
        assert over == (not collector.is_writing) == collector.finished
    assert seen[0] < FRAMES + 1
    assert seen[-2:] == [FRAMES + 1] * 2
    assert sink.names[-1] == "finish"
    assert collector.go_on()
    assert sink.names.count("finish") == 1


def test_giving_up_between_two_frames_tells_the_sink_once():
    sink = Sink()
    collector = Collector(sink)
    for chunk in told_by_trajectories()[0]:
        collector.feed(chunk, 0.0)
    collector.abort()
    assert not collector.is_writing
    assert sink.names[-1] == "abort"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("coefficients", lambda array: array[:, :-1]),
        ("coefficients", lambda array: np.full_like(array, np.nan)),
        ("coefficients", lambda array: np.full_like(array, 3e38)),
        ("weights", lambda array: array[:, :-1]),
        ("incoming", lambda array: array + 100),
    ],
)
def test_impossible_trajectories_are_rejected(name, change):
    chunks, _ = told_by_trajectories()
    chunks[3] = with_array(chunks[3], name, change)
    rejected(chunks)


def test_trajectories_of_a_scene_that_deforms_are_rejected():
    chunks, _ = told_by_trajectories()
    chunks[0].meta["deforms"] = True
    assert "rotations" in rejected(chunks)
    chunks, _ = told_by_trajectories()
    chunks[3].arrays.clear()
    assert "no coefficients" in rejected(chunks)


def poke(value, *index):
    def change(array):
        array[index] = value
        return array

    return change


@pytest.mark.parametrize("seq", [1, 2, 3])
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("means", poke(np.nan, 0, 0)),
        ("means", poke(np.inf, -1, 2)),
        ("means", lambda array: array[:-1]),
        ("means", lambda array: array[:, :2]),
        ("means", lambda array: array.astype(np.float64)),
        ("means", lambda array: array.reshape(-1)),
        ("scales", poke(-0.1, 0, 0)),
        ("quats", poke(0.0, 0)),
        ("quats", lambda array: array[:, :3]),
    ],
)
def test_impossible_arrays_are_rejected(seq, name, change):
    chunks = scene()
    chunks[seq] = with_array(chunks[seq], name, change)
    rejected(chunks)


@pytest.mark.parametrize(
    ("seq", "name", "change"),
    [
        (1, "opacities", poke(1.5, 0)),
        (1, "opacities", poke(-0.5, 0)),
        (1, "colors", poke(np.nan, 0, 0)),
        (2, "windows", poke(np.nan, 0, 0)),
        (2, "windows", poke(np.inf, 0, 1)),
        (2, "windows", lambda array: array[1:]),
        (2, "windows", lambda array: array[:, :1].copy()),
        (2, "windows", lambda array: array.astype(np.float64)),
    ],
)
def test_impossible_appearance_is_rejected(seq, name, change):
    chunks = scene()
    chunks[seq] = with_array(chunks[seq], name, change)
    rejected(chunks)


@pytest.mark.parametrize("name", ["means", "quats", "scales"])
@pytest.mark.parametrize("seq", [1, 2, 3, 6])
def test_missing_arrays_are_rejected(seq, name):
    chunks = scene()
    chunks[seq] = changed(chunks[seq], arrays={})
    rejected(chunks)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("static", -1), ("static", "20"), ("static", 10**9), ("static", True), ("static", None),
        ("moving", 9), ("moving", 8.0), ("loop_frames", 0), ("loop_frames", 4),
        ("loop_frames", 10**9), ("fps", float("nan")), ("fps", 0), ("fps", "24"), ("fps", None),
        ("fps", True), ("blend", "none"), ("blend", ["linear"]), ("start_frame", 1.5),
    ],
)  # fmt: skip
def test_an_impossible_description_is_rejected(field, value):
    chunks = scene()
    chunks[0].meta[field] = value
    rejected(chunks)


def test_a_missing_description_is_rejected():
    for field in scene()[0].meta:
        chunks = scene()
        del chunks[0].meta[field]
        rejected(chunks)


@pytest.mark.parametrize("order", [[1], [0, 2], [0, 1, 3], [0, 1, 2, 4], [0, 0], [0, 1, 2, 3, 3]])
def test_parts_out_of_order_are_rejected(order):
    chunks = scene()
    rejected([changed(chunks[i], seq=seq) for seq, i in enumerate(order)])


def test_giving_up_tells_the_sink_once():
    sink = Sink()
    collector = Collector(sink)
    collector.feed(scene()[0])
    collector.abort()
    collector.abort()
    assert sink.names == ["begin", "abort"]
