"""A request is written to the disk only if its job is not there, and then before it is begun."""

import pytest
from tests.server.harness import make_request

from livescape.server import desk
from livescape.server.bounds import Limits
from livescape.server.desk import INCOMING, keep_submit
from livescape.server.results import read_request
from livescape.server.serve import _desk
from livescape_shared.codec import encode
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Submit

REQUEST = make_request("walk#desk")


def kept(folder, *, there):
    asked = []

    def is_there(job):
        asked.append(job)
        return there

    frames = encode(Submit(REQUEST.body(), REQUEST.arrays()), message_id="s")
    found = keep_submit(frames, folder, 0, is_there)
    assert asked == [found.job] == [REQUEST.job_id()]
    assert found.message_id == "s"
    return found


def test_a_new_request_is_kept(tmp_path):
    found = kept(tmp_path, there=False)
    assert found.folder.name.startswith(INCOMING)
    assert read_request(found.folder).job_id() == REQUEST.job_id()
    assert found.keep() is found
    found.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_request_whose_job_is_there_costs_no_write(tmp_path):
    found = kept(tmp_path, there=True)
    assert list(tmp_path.iterdir()) == []
    found.discard()


def test_it_is_kept_after_all_if_the_job_has_gone_meanwhile(tmp_path):
    found = kept(tmp_path, there=True).keep()
    assert found.fault is None
    assert read_request(found.folder).job_id() == REQUEST.job_id()


def test_a_full_disk_is_a_fault_of_the_request_and_leaves_nothing(tmp_path, monkeypatch):
    def full(folder, *_, **__):
        folder.mkdir()
        raise LivescapeError("disk_full", "There is no room.")

    monkeypatch.setattr(desk, "write_request", full)
    for found in (kept(tmp_path, there=False), kept(tmp_path, there=True).keep()):
        assert found.fault.code == "disk_full"
        assert list(tmp_path.iterdir()) == []


def test_an_unforeseen_fault_leaves_nothing_either(tmp_path, monkeypatch):
    def broken(folder, *_, **__):
        folder.mkdir()
        raise MemoryError

    monkeypatch.setattr(desk, "write_request", broken)
    with pytest.raises(MemoryError):
        kept(tmp_path, there=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.timeout(60)
def test_a_bell_that_nobody_hears_holds_nobody_up(tmp_path):
    with _desk(tmp_path, Limits(), lambda _: False) as (quiet, bell):
        for _ in range(5000):
            quiet.ring()
        assert bell.poll(0)
