"""Files of results: whole or not at all, and damage is named."""

import mmap
import os
import sys
import zlib
from io import FileIO
from pathlib import Path

import numpy as np
import pytest
from tests.server.harness import make_request

from livescape.server import framefile, mapped
from livescape.server.computing import ProgressGate
from livescape.server.framefile import read_frames, write_frames
from livescape.server.jobs import Job, State
from livescape.server.results import ResultWriter, read_chunk, read_request, write_request
from livescape_shared.codec import decode, encode
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import PROTOCOL_VERSION, Chunk, Submit

FRAMES = [b"header", b"", memoryview(bytes(range(256)) * 40)]


def code(function, *arguments, **options):
    with pytest.raises(LivescapeError) as caught:
        function(*arguments, **options)
    return caught.value.code


def test_frames_come_back_as_they_were(tmp_path):
    path = tmp_path / "f"
    size, _ = write_frames(path, FRAMES)
    assert path.stat().st_size == size
    assert [bytes(frame) for frame in read_frames(path)] == [bytes(frame) for frame in FRAMES]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("length", [0, 3, 4, 7, 8, 11, 12, 30, 35, 36, 100, 10_281])
def test_a_truncated_file_is_named(tmp_path, length):
    path = tmp_path / "f"
    write_frames(path, FRAMES)
    path.write_bytes(path.read_bytes()[:length])
    assert code(read_frames, path) == "result_corrupt"


def test_every_flipped_bit_is_found(tmp_path):
    path = tmp_path / "f"
    write_frames(path, FRAMES)
    whole = path.read_bytes()
    rng = np.random.default_rng(3)
    positions = [*range(48), *rng.integers(0, len(whole), 150)]
    for position in positions:
        data = bytearray(whole)
        data[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(data)
        assert code(read_frames, path) == "result_corrupt"


def test_a_lie_with_a_right_checksum_is_found(tmp_path):
    path = tmp_path / "f"
    body = b"LVSF" + (2**31).to_bytes(4, "little") + b"\0" * 64
    path.write_bytes(body + zlib.crc32(body).to_bytes(4, "little"))
    assert code(read_frames, path) == "result_corrupt"


def test_a_missing_file_is_named(tmp_path):
    assert code(read_frames, tmp_path / "none") == "result_corrupt"


def test_a_full_disk_is_named_and_leaves_no_half_file(tmp_path):
    resource = pytest.importorskip("resource", reason="a limit on file sizes stands for the disk")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        assert code(write_frames, tmp_path / "f", FRAMES) == "disk_full"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "f").mkdir()
    assert code(write_frames, tmp_path / "f", FRAMES) == "result_not_writable"


def test_the_reserve_of_the_disk_is_kept(tmp_path):
    assert code(write_frames, tmp_path / "f", FRAMES, free_bytes=2**62) == "disk_full"
    assert list(tmp_path.iterdir()) == []


def test_chunks_are_numbered_and_read_again(tmp_path):
    writer = ResultWriter(tmp_path, "job")
    for seq in range(3):
        writer.add("frame", seq, {"n": seq}, {"means": np.full((4, 3), seq, np.float32)})
    for seq in (2, 0, 1, 0):
        envelope = decode(read_chunk(tmp_path, seq, writer.count, "asked"))
        chunk = envelope.message
        assert envelope.parent == "asked"
        assert (chunk.job, chunk.seq, chunk.total, chunk.meta) == ("job", seq, 3, {"n": seq})
        assert (chunk.arrays["means"] == seq).all()
    os.replace(tmp_path / "000001.chunk", tmp_path / "000002.chunk")
    assert code(read_chunk, tmp_path, 2, 3) == "result_corrupt"


def test_a_chunk_that_is_being_sent_stays_as_it_was(tmp_path):
    writer = ResultWriter(tmp_path, "job")
    writer.add("frame", 0, {}, {"means": np.full((40_000, 3), 7, np.float32)})
    frames = read_chunk(tmp_path, 0, 1)
    (tmp_path / "000000.chunk").unlink()
    assert (decode(frames).message.arrays["means"] == 7).all()
    assert isinstance(memoryview(frames[1]).obj, mmap.mmap), "nothing was copied"


@pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux's")
def test_a_mapping_that_goes_while_they_are_asked_after_is_not_waited_for(monkeypatch):
    descriptor = os.open(os.devnull, os.O_RDONLY)
    os.close(descriptor)
    monkeypatch.setitem(mapped._leases, -1, descriptor)
    assert -1 not in mapped.contested()


def test_a_disk_that_gives_a_file_in_pieces_is_read_to_the_end(tmp_path, monkeypatch):
    class Slow(FileIO):
        def read(self, size=-1, /):
            return super().read(7)

    path = tmp_path / "f"
    write_frames(path, FRAMES)
    monkeypatch.setattr(mapped, "_lease", lambda stream: None)
    with Slow(path) as stream:
        assert mapped.map_or_read(stream)[0] == path.read_bytes()


def test_what_an_earlier_version_has_stored_is_read(tmp_path):
    request = make_request("photo")
    submit = encode(Submit(request.body(), request.arrays()), version=(2, 0))
    write_frames(tmp_path / "request", submit)
    assert read_request(tmp_path).job_id() == request.job_id()
    chunk = Chunk("job", 0, 0, "frame", 0, {}, {"means": np.ones(3, np.float32)})
    write_frames(tmp_path / "000000.chunk", encode(chunk, message_id="0", version=(2, 0)))
    envelope = decode(read_chunk(tmp_path, 0, 1))
    assert (envelope.version, envelope.message.total) == (PROTOCOL_VERSION, 1)


def test_both_checksums_are_the_same():
    assert framefile.crc32(b"livescape", 7) == zlib.crc32(b"livescape", 7)


def test_a_request_comes_back_as_it_was(tmp_path):
    request = make_request("photo")
    write_request(tmp_path / "new", Submit(request.body(), request.arrays()))
    assert read_request(tmp_path / "new").job_id() == request.job_id()
    ResultWriter(tmp_path, "j").add("frame", 0, {}, {})
    os.replace(tmp_path / "000000.chunk", tmp_path / "request")
    assert code(read_request, tmp_path) == "result_corrupt"


def test_arrays_of_objects_never_reach_the_disk(tmp_path):
    with pytest.raises(ValueError, match="dtype"):
        ResultWriter(tmp_path, "j").add("frame", 0, {}, {"means": np.array([None])})


ALLOWED = {
    (State.QUEUED, State.RUNNING), (State.QUEUED, State.FAILED), (State.QUEUED, State.CANCELLED),
    (State.RUNNING, State.QUEUED),  # once more, since the process that computed it is gone
    (State.RUNNING, State.DONE), (State.RUNNING, State.FAILED), (State.RUNNING, State.CANCELLED),
}  # fmt: skip


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_a_job_goes_forward_and_ends_once(before, after):
    job = Job("j", Path("j-0"), before)
    if (before, after) in ALLOWED:
        job.advance(after)
        assert job.state is after
    else:
        with pytest.raises(ValueError, match="cannot go"):
            job.advance(after)
        assert job.state is before


def test_progress_passes_when_the_stage_is_new_or_time_has_passed():
    class Said(list):
        def say(self, event, **values):
            self.append((values["stage"], values["step"]))

    said, now = Said(), [0.0]
    gate = ProgressGate(said, "run", interval_s=0.1, clock=lambda: now[0])
    for stage, step in [("a", 1), ("a", 2), ("b", 1), ("b", 2), ("a", 3)]:
        gate.report(stage, step, 3, 0.5)
    assert said == [("a", 1), ("b", 1), ("a", 3)]
    said.clear()
    for step in range(1000):  # ten seconds
        now[0] += 0.01
        gate.report("c", step, 1000, 0.0)
    assert 90 <= len(said) <= 101
