"""Scenes that are there before a job ends: announced, granted and sent as results are."""

import numpy as np
import pytest
from tests.server.harness import connect, follow, is_finished, is_last_chunk, make_request, of

from bridge.collect import Collector
from bridge.events import ChunkArrived, Finished, PreviewArrived, Progressed, Refused
from livescape_shared.codec import encode
from livescape_shared.messages import Grant, Submit
from livescape_shared.messages import Preview as PreviewMessage


class Sink:
    """Keeps the means of every frame of a scene."""

    def __init__(self):
        self.means, self.is_whole = [], False

    def begin(self, meta):
        self.meta = meta

    def static(self, gaussians):
        pass

    def moving(self, moving):
        pass

    def frame(self, frame):
        self.means.append(frame.means)

    def finish(self):
        self.is_whole = True

    def abort(self):
        pass


def ends_preview(event):
    return isinstance(event, PreviewArrived) and event.part.seq == event.part.total - 1


def collected(events):
    """Put the parts of a preview together."""
    sink = Sink()
    collector = Collector(sink)
    for event in of(events, PreviewArrived):
        collector.feed(event.part)
    return sink


@pytest.fixture
def early(tmp_path):
    """A request whose job shows two scenes on the way."""
    return make_request(f"early#{tmp_path}", steps=1, frames=5)


def test_each_arrives_whole_before_the_job_ends_and_then_the_result(client, early, tmp_path):
    job = client.submit(early, previews=True)
    first = follow(client, ends_preview)
    assert not of(first, Finished)
    assert {event.part.job for event in of(first, PreviewArrived)} == {f"{job}.1"}
    assert {event.job for event in of(first, PreviewArrived)} == {job}
    assert collected(first).is_whole
    assert collected(first).meta.loop_frames == 1
    (tmp_path / "1").touch()
    second = follow(client, ends_preview)
    assert collected(second).is_whole
    assert collected(second).meta.loop_frames == 2
    (tmp_path / "2").touch()
    rest = follow(client, is_last_chunk)
    assert of(rest, Finished)[0].state == "done"
    assert len(of(rest, ChunkArrived)) == 3 + 6
    assert not of(rest, PreviewArrived)


def test_the_result_is_the_same_bits_as_without(server, client, early, tmp_path):
    (tmp_path / "1").touch()
    (tmp_path / "2").touch()
    client.submit(early, previews=True)
    with_them = of(follow(client, is_last_chunk), ChunkArrived)
    assert (tmp_path / "wanted True").exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "1").touch()
    (other / "2").touch()
    with connect(server) as second:
        second.submit(make_request(f"early#{other}", steps=1, frames=5))
        without = of(follow(second, is_last_chunk), ChunkArrived)
    assert (other / "wanted False").exists()
    for one, two in zip(with_them, without, strict=True):
        assert one.arrays.keys() == two.arrays.keys()
        for name, array in one.arrays.items():
            assert np.array_equal(array, two.arrays[name])


def test_nothing_of_them_stays_on_the_server(server, client, early, tmp_path):
    job = client.submit(early, previews=True)
    follow(client, ends_preview)
    (folder,) = (server.folder / "results").glob(f"{job}-*")
    assert [each.name for each in folder.glob("preview-*")] == ["preview-1"]
    (tmp_path / "1").touch()
    (tmp_path / "2").touch()
    follow(client, is_last_chunk)
    assert not list(folder.glob("preview-*"))


def test_one_who_comes_later_is_told_of_the_newest(server, client, early, tmp_path):
    client.submit(early, previews=True)
    follow(client, ends_preview)
    with connect(server) as late:
        late.submit(early, previews=True)
        assert collected(follow(late, ends_preview)).meta.loop_frames == 1
    (tmp_path / "1").touch()
    (tmp_path / "2").touch()
    follow(client, is_last_chunk)


def test_one_who_did_not_ask_is_sent_none_of_them(server, client, early, tmp_path):
    client.submit(early, previews=True)
    follow(client, ends_preview)
    with connect(server) as other:
        other.submit(early)
        follow(other, lambda event: isinstance(event, Progressed))
        (tmp_path / "1").touch()
        (tmp_path / "2").touch()
        assert not of(follow(other, is_last_chunk), PreviewArrived)


def test_cancelled_in_the_middle_what_has_arrived_stays_with_the_client(client, early):
    job = client.submit(early, previews=True)
    whole = collected(follow(client, ends_preview))
    client.cancel(job)
    ended = of(follow(client, is_finished), Finished)[0]
    assert (ended.state, whole.is_whole) == ("cancelled", True)
    client.submit(early)
    follow(client, lambda event: isinstance(event, Progressed))
    client.cancel(job)
    follow(client, is_finished)


def test_one_that_is_gone_or_makes_no_sense_harms_nothing():
    from tests.server.broken_server import BrokenServer, welcoming
    from tests.server.meetings import meet, polite

    from livescape_shared.errors import LivescapeError
    from livescape_shared.messages import Ack, Chunk
    from livescape_shared.messages import Finished as FinishedMessage
    from livescape_shared.messages import Refused as RefusedMessage

    job = make_request().job_id()

    def script(envelope):
        match envelope.message:
            case Submit():
                return [Ack(job, "running"), PreviewMessage(job, f"{job}.1", 3, "a")]
            case Grant(job=name) if name == f"{job}.1":
                gone = LivescapeError("result_not_ready", "It is gone.", retryable=True)
                refusal = encode(RefusedMessage(gone.to_dict()), parent=envelope.id)
                return [list(map(bytes, refusal)), PreviewMessage(job, f"{job}.2", 3, "b")]
            case Grant(job=name) if name == f"{job}.2":
                strange = Chunk(f"{job}.2", 7, 9, "scene", 0, {}, {})
                end = encode(FinishedMessage(job, "failed"), parent=script.submit)
                return [strange, list(map(bytes, end))]
        return polite(envelope)

    def remembering(envelope):
        if isinstance(envelope.message, Submit):
            script.submit = envelope.id
        return script(envelope)

    with BrokenServer(welcoming(remembering)) as broken, meet(broken) as client:
        client.submit(make_request(), previews=True)
        events = follow(client, is_finished)
        assert not of(events, Refused)
        assert not of(events, PreviewArrived)
        assert of(events, Finished)[0].state == "failed"
