"""Messages in parts, on a way that loses, repeats and exchanges them."""

from dataclasses import replace

import numpy as np
import pytest

from livescape.server.bounds import Limits
from livescape.server.jobs import Job
from livescape.server.outbound import SendResult, Stream, _send_parts
from livescape.server.uploads import Uploads
from livescape_shared.codec import decode, encode
from livescape_shared.download import GAPS, Download, Manner
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Chunk, Grant, Part, Received, Submit
from livescape_shared.parts import (
    LEAST_PART_BYTES,
    LEAST_WINDOW_BYTES,
    MOST_WINDOW_BYTES,
    PART_BYTES,
    Joiner,
    Whole,
    Window,
    part_size,
)
from livescape_shared.upload import Upload

SIZE = LEAST_PART_BYTES


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def message(size, *, seed=0, seq=0, total=1):
    data = np.random.default_rng(seed).integers(0, 256, size, np.uint8)
    arrays = {"bytes": data, "none": np.zeros((0, 3), np.float32), "few": np.arange(3)}
    return Chunk("job", seq, total, "frame", seq, {}, arrays)


def parts_of(frames, size=SIZE):
    whole = Whole(frames)
    return [whole.part("job", 0, at, size) for at in range(0, whole.size, size)]


def joined(parts, joiner=None):
    joiner = joiner or Joiner()
    taken = [joiner.take(part) for part in parts]
    return taken, joiner.frames() if joiner.is_whole else None


@pytest.mark.parametrize("size", [0, 1, SIZE - 1, SIZE, 10 * SIZE + 7])
def test_parts_make_the_message_again(size):
    frames = encode(message(size), message_id="m")
    taken, found = joined(parts_of(frames))
    assert set(taken) == {"new"}
    assert [bytes(frame) for frame in found] == [bytes(frame) for frame in frames]


def test_parts_travel_as_messages():
    frames = encode(message(3 * SIZE), message_id="m")
    parts = [decode(encode(part)).message for part in parts_of(frames)]
    assert [bytes(frame) for frame in joined(parts)[1]] == [bytes(frame) for frame in frames]


def test_what_is_repeated_or_comes_too_soon_changes_nothing():
    parts = parts_of(encode(message(3 * SIZE), message_id="m"))
    joiner = Joiner()
    order = [parts[0], parts[2], parts[0], parts[1], parts[1], *parts[2:]]
    taken, found = joined(order, joiner)
    assert taken[:5] == ["new", "gap", "known", "new", "known"]
    assert found is not None
    assert (joiner.at, joiner.is_whole) == (0, False), "it is not kept"


def test_parts_of_two_messages_are_not_mixed():
    one = parts_of(encode(message(2 * SIZE, seed=1), message_id="m"))
    two = parts_of(encode(message(2 * SIZE, seed=2), message_id="m"))
    joiner = Joiner()
    assert joined([one[0], two[1]], joiner)[0] == ["new", "gap"]
    assert joiner.at == 0
    assert joined([one[0], *two], joiner)[1] is not None


def test_damage_is_noticed():
    parts = parts_of(encode(message(2 * SIZE), message_id="m"))
    parts[1] = replace(parts[1], arrays={**parts[1].arrays, "bytes": ~parts[1].arrays["bytes"]})
    joiner = Joiner()
    taken, found = joined(parts, joiner)
    assert (taken[-1], found, joiner.at) == ("new", None, 0)


def of_lengths(lengths, data=(1,), at=0):
    arrays = {"lengths": np.array(lengths, np.int64), "bytes": np.array(data, np.uint8)}
    return Part("job", 0, at, 7, arrays)


@pytest.mark.parametrize(
    "part",
    [
        Part("job"),
        Part("job", arrays={"lengths": np.array([1.0]), "bytes": np.zeros(1, np.uint8)}),
        Part("job", arrays={"lengths": np.array([[1]]), "bytes": np.zeros(1, np.uint8)}),
        Part("job", arrays={"lengths": np.array([1]), "bytes": np.zeros(1, np.uint16)}),
        of_lengths([]),
        of_lengths([1] * 200),
        of_lengths([-1, 2]),
        of_lengths([2**62, 2**62, 2**62]),
        of_lengths([1001]),
        of_lengths([2], data=()),
        of_lengths([2], data=(1, 2, 3)),
        of_lengths([2], at=2),
        of_lengths([2], at=-1),
    ],
)
def test_impossible_parts_are_malformed(part):
    for take in (
        Joiner(1000).take,
        lambda part: Uploads(Limits(request_bytes=1000)).take("a", part),
    ):
        with pytest.raises(LivescapeError) as caught:
            take(part)
        assert caught.value.code == "message_malformed"


def test_as_much_is_under_way_as_comes_in_a_second_or_a_few():
    clock = Clock()
    window = Window(clock)
    for rate in (1e5, 3e6, 1e9, 3e6, 1e5):
        for _ in range(int(60 * rate / PART_BYTES)):
            clock.now += PART_BYTES / rate
            window.arrived(PART_BYTES)
        least = min(rate, MOST_WINDOW_BYTES)
        assert least <= window.bytes <= max(4 * rate, LEAST_WINDOW_BYTES), rate


@pytest.mark.parametrize(
    ("limits", "size"),
    [
        ({}, 0),
        ({"part_bytes": 2**17}, 2**17),
        ({"part_bytes": 2**30}, 2**17),
        ({"part_bytes": 1}, 0),
    ],
)
def test_parts_are_as_large_as_both_sides_take(limits, size):
    assert part_size(limits) == size


class Way:
    """Loses, repeats and exchanges what is sent, by a seed; counts the bytes of parts."""

    def __init__(self, seed, odds):
        self.rng = np.random.default_rng(seed)
        self.odds = odds
        self.queue = []
        self.bytes = 0

    def send(self, sent):
        self.bytes += len(sent.arrays["bytes"]) if isinstance(sent, Part) else 0
        chance = self.rng.random()
        if chance < self.odds:
            return
        self.queue += [sent] * (2 if chance < 2 * self.odds else 1)
        if chance > 1 - self.odds and len(self.queue) > 1:
            self.queue[-1], self.queue[-2] = self.queue[-2], self.queue[-1]

    def take(self):
        taken, self.queue = self.queue, []
        return taken


def server_turn(stream, grants, chunks, way):
    """Do what a server does with grants and a stream."""
    for grant in grants:
        if grant.start:
            stream = Stream(Job("job", None, chunks=len(chunks)), grant.next_seq, grant.next_seq,
                            grant.bytes, "g", grant.encoding, grant.part_bytes)  # fmt: skip
        if stream is not None:
            stream.grant(grant.next_seq, grant.bytes, grant.offset)

    def send(frames):
        way.send(decode(frames).message)
        return SendResult.SENT

    if stream is not None and stream.hungry:
        _send_parts(stream, chunks[stream.next_seq], send)
    return stream


@pytest.mark.parametrize("odds", [0.0, 0.02, 0.08])
@pytest.mark.parametrize("seed", range(4))
def test_a_result_in_parts_arrives_whatever_the_way_does(seed, odds):
    messages = [message(int(2 ** (10 + 2 * seq)), seq=seq, total=6, seed=seq) for seq in range(6)]
    chunks = [Whole(encode(each, message_id="m")) for each in messages]
    total = sum(whole.size for whole in chunks)
    down, up = Way(seed, odds), Way(seed + 100, odds)
    download = Download("job", len(chunks), "d", Manner(part_bytes=SIZE * 4), clock=Clock())
    arrived, stream, idle = [], None, 0
    while not download.complete:
        if (grant := download.next_grant()) is not None:
            up.send(grant)
            download.told()
        stream = server_turn(stream, up.take(), chunks, down)
        heard = down.take()
        for part in heard:
            chunk = download.join(part)
            if chunk is not None and download.accept(chunk):
                arrived.append(chunk)
        idle = 0 if heard else idle + 1
        if idle > 20:  # as after time without news
            download.restart()
            idle = 0
    assert [chunk.seq for chunk in arrived] == list(range(6))
    for chunk, sent in zip(arrived, messages, strict=True):
        np.testing.assert_array_equal(chunk.arrays["bytes"], sent.arrays["bytes"])
    assert odds or down.bytes == total


def test_a_result_of_which_a_part_is_always_lost_is_given_up():
    whole = Whole(encode(message(4 * SIZE), message_id="m"))
    download = Download("job", 1, "d", Manner(part_bytes=SIZE))
    for _ in range(GAPS):
        assert download.next_grant().start
        download.told()
        for at in (SIZE, 2 * SIZE, 3 * SIZE):
            download.join(whole.part("job", 0, at, SIZE))
    with pytest.raises(LivescapeError) as caught:
        download.join(whole.part("job", 0, SIZE, SIZE))
    assert caught.value.code == "result_invalid"


def test_a_broken_connection_is_gone_on_from_the_byte():
    chunks = [Whole(encode(message(8 * SIZE), message_id="m"))]
    download = Download("job", 1, "d", Manner(part_bytes=SIZE))
    way = Way(0, 0.0)
    grant = download.next_grant()
    stream = server_turn(None, [Grant("job", 0, 3 * SIZE, True, "", 0, SIZE)], chunks, way)
    download.told()
    for part in way.take():
        assert download.join(part) is None
    download.restart()
    grant = download.next_grant()
    assert (grant.next_seq, grant.offset, grant.start) == (0, 3 * SIZE, True)
    stream = server_turn(stream, [grant], chunks, way)
    assert [part.at for part in way.queue] == list(range(3 * SIZE, chunks[0].size, SIZE))


def test_a_server_that_has_packed_it_differently_meanwhile_begins_anew():
    one, two = (Whole(encode(message(8 * SIZE, seed=seed), message_id="m")) for seed in (1, 2))
    download = Download("job", 1, "d", Manner(part_bytes=SIZE))
    way, stream = Way(0, 0.0), None
    download.told()
    for at in (0, SIZE, 2 * SIZE):
        assert download.join(one.part("job", 0, at, SIZE)) is None
    download.restart()
    found = None
    while found is None:
        grant = download.next_grant()
        stream = server_turn(stream, [grant] if grant else [], [two], way)
        if grant:
            download.told()
        for part in way.take():
            found = download.join(part) or found
    np.testing.assert_array_equal(found.arrays["bytes"], message(8 * SIZE, seed=2).arrays["bytes"])


def submit(size, seed=0):
    data = np.random.default_rng(seed).integers(0, 256, size, np.uint8)
    return Submit({"settings": {}}, {"photo": data})


@pytest.mark.parametrize("odds", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("seed", range(4))
def test_a_request_in_parts_arrives_whatever_the_way_does(seed, odds):
    clock = Clock()
    upload = Upload("job", submit(600_000), SIZE, clock=clock)
    uploads = Uploads(Limits(), clock=clock)
    up, down = Way(seed, odds), Way(seed + 100, odds)
    found, idle = None, 0
    while found is None:
        while (part := upload.next_part()) is not None:
            up.send(part)
            upload.sent(part)
        for part in up.take():
            taken = uploads.take("client", part)
            if isinstance(taken, Received):
                down.send(taken)
            else:
                found = taken
        heard = down.take()
        for received in heard:
            upload.received(received)
        idle = 0 if heard else idle + 1
        if idle > 3:  # no news: a new connection
            upload.restart()
            idle = 0
    envelope = decode(found)
    assert envelope.id == upload.id
    np.testing.assert_array_equal(envelope.message.arrays["photo"], submit(600_000).arrays["photo"])
    assert odds or up.bytes == upload.size


def test_one_part_is_sent_before_the_server_has_said_what_it_has():
    upload, uploads = Upload("job", submit(50 * SIZE), SIZE), Uploads(Limits())
    first = upload.next_part()
    upload.sent(first)
    assert upload.next_part() is None
    upload.received(uploads.take("client", first))
    while (part := upload.next_part()) is not None and part.at < 20 * SIZE:
        upload.sent(part)
        upload.received(uploads.take("client", part))
    upload.restart()
    again = upload.next_part()
    assert again.at == 20 * SIZE
    upload.sent(again)
    assert upload.next_part() is None
    upload.received(Uploads(Limits()).take("client", again))  # a server that has been started anew
    assert upload.next_part().at == 0
    assert upload.fraction == 0.0


def test_requests_in_part_have_bounds():
    clock = Clock()
    uploads = Uploads(Limits(request_bytes=10 * SIZE, absence_s=900.0), clock=clock)
    parts = parts_of(encode(submit(9 * SIZE)))
    for client in ("a", "b"):
        for part in parts[:9]:
            assert not uploads.take(client, part).lost
    for part in parts[:2]:
        uploads.take("c", part)
    with pytest.raises(LivescapeError) as caught:
        uploads.take("c", parts[2])
    assert caught.value.code == "server_busy"
    other = parts_of(encode(submit(9 * SIZE, seed=1)))
    uploads.take("b", replace(other[0], job="another"))
    for part in parts[:8]:
        assert not uploads.take("c", part).lost, "a client's other request makes room"
    clock.now += 901.0
    assert uploads.take("a", parts[9]) == Received("job", 0, lost=True), "it has been forgotten"
