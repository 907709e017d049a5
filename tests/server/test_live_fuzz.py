"""Mutated messages at a server that lives; ``make bench NAME=fuzz`` does the same for longer."""

import numpy as np
import pytest
from tests.server.harness import Peer
from tests.shared.golden_files import read_golden
from tests.shared.mutations import mutated

from livescape_shared.messages import MESSAGES, Ping, Pong, Welcome

MESSAGES_SENT = 400


@pytest.mark.parametrize("greeted", [False, True], ids=["stranger", "guest"])
def test_mutated_messages_do_not_disturb_an_insider(start, greeted):
    server = start()
    rng = np.random.default_rng(greeted)
    names = sorted(MESSAGES)
    with Peer(server.info) as insider:
        assert isinstance(insider.hello(server.info), Welcome)
        for first in range(0, MESSAGES_SENT, 40):
            with Peer(server.info) as peer:
                if greeted:
                    assert isinstance(peer.hello(server.info), Welcome)
                for number in range(first, first + 40):
                    peer.send_raw(*mutated(read_golden(names[number % len(names)]), rng))
                assert peer.ask(Ping()) is not None
            assert isinstance(insider.ask(Ping()).message, Pong)
    assert "Traceback" not in server.log()
    assert server.stop() == 0
