"""What the client does for a job, whatever the server says about it."""

import time
from dataclasses import replace

from tests.server.broken_server import BrokenServer, welcoming
from tests.server.harness import (
    QUICK,
    follow,
    is_connected,
    make_request,
    of,
)
from tests.server.meetings import CURIOUS, HASTY, is_refused, meet, polite

from bridge.client import Client
from bridge.events import Acked, Connected, Finished, Lost, Refused
from livescape_shared.codec import encode
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import (
    Ack,
    Cancel,
    Submit,
    Watch,
)
from livescape_shared.messages import Finished as FinishedMessage


def test_a_submit_without_ack_is_a_silent_server_and_is_sent_again():
    def script(envelope):
        submits = sum(isinstance(message, Submit) for message in broken.heard)
        if isinstance(envelope.message, Submit) and submits == 2:
            return [Ack(job, "queued")]
        return polite(envelope)

    with BrokenServer(welcoming(script)) as broken, meet(broken) as client:
        job = client.submit(make_request())
        events = follow(client, lambda event: isinstance(event, Acked))
        assert [event.error.code for event in of(events, Lost)] == ["server_silent"]
        assert len(of(events, Connected)) == 2


def test_a_server_that_takes_the_request_for_another_is_of_another_version():
    def script(envelope):
        if isinstance(envelope.message, Submit):
            return [Ack("0" * 32, "queued")]
        return polite(envelope)

    with BrokenServer(welcoming(script)) as broken, meet(broken) as client:
        job = client.submit(make_request())
        refused = follow(client, lambda event: isinstance(event, Refused))[-1]
        assert (refused.error.code, refused.job) == ("versions_differ", job)
        assert client.jobs == ()


def test_an_end_that_was_lost_on_the_way_is_asked_for():
    def script(envelope):
        job = make_request().job_id()
        match envelope.message:
            case Submit():
                return [Ack(job, "queued")]
            case Watch():
                return [Ack(job, "failed"), FinishedMessage(job, "cancelled")]
        return polite(envelope)

    with BrokenServer(welcoming(script)) as broken, meet(broken, CURIOUS) as client:
        client.submit(make_request())
        assert follow(client, lambda event: isinstance(event, Finished), 5)[-1].state == "cancelled"


def test_a_finished_that_answers_an_earlier_submit_is_not_news():
    def script(envelope):
        if isinstance(envelope.message, Submit):
            job = make_request().job_id()
            stale = encode(FinishedMessage(job, "cancelled"), parent="an earlier one")
            return [list(map(bytes, stale)), Ack(job, "queued"), FinishedMessage(job, "failed")]
        return polite(envelope)

    with BrokenServer(welcoming(script)) as broken, meet(broken) as client:
        client.submit(make_request())
        events = follow(client, lambda event: isinstance(event, Finished), 3)
    assert [event.state for event in of(events, Finished)] == ["failed"]


def test_a_request_over_the_limits_is_not_sent():
    with BrokenServer(welcoming(polite)) as broken, meet(broken) as client:
        job = client.submit(make_request("x" * 2_000_000))
        refused = follow(client, is_refused, 3)[-1]
        assert (refused.job, refused.error.code) == (job, "message_too_large")
        assert not any(isinstance(message, Submit) for message in broken.heard)


def test_a_large_request_is_waited_for_longer():
    def script(envelope):
        if isinstance(envelope.message, Submit):
            time.sleep(3 * HASTY.ack)
            return [Ack(job, "queued")]
        return None

    patient = welcoming(script, request_bytes=10**9)
    with BrokenServer(patient) as broken, meet(broken, replace(HASTY, ping=5.0)) as client:
        job = client.submit(make_request("x" * 50_000_000))
        events = follow(client, lambda event: isinstance(event, Acked), 5)
    assert of(events, Lost) == []


def test_a_job_that_was_never_sent_is_cancelled_at_once():
    with Client(lambda: None, timing=QUICK) as client:
        job = client.submit(make_request())
        client.cancel(job)
        ends = of(client.poll(), Finished)
    assert [(end.job, end.state) for end in ends] == [(job, "cancelled")]


def test_a_job_given_up_without_connection_is_cancelled_when_it_is_back():
    def script(envelope):
        if isinstance(envelope.message, Submit):
            return [Ack(make_request().job_id(), "running")]
        return polite(envelope)

    with BrokenServer(welcoming(script)) as broken, meet(broken) as client:
        job = client.submit(make_request())
        follow(client, lambda event: isinstance(event, Acked))
        client._session.fail(LivescapeError("test", "Cut."), time.monotonic())
        client.cancel(job)
        assert of(client.poll(), Finished)[0].state == "cancelled"
        follow(client, is_connected)
        end = time.monotonic() + 3
        while Cancel(job) not in broken.heard and time.monotonic() < end:
            client.poll(wait_s=0.02)
        assert broken.heard.count(Cancel(job)) == 1
