"""What holds for every test."""

import hypothesis
import pytest
import torch
from tests.leftovers import inventory, left_since

from livescape.engine.threads import cpu_threads

pytest_plugins = ["tests.own_networks", "tests.skips", "tests.tiers"]

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("livescape", deadline=None, print_blob=True)
hypothesis.settings.load_profile("livescape")


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Threads, child processes, files and sockets that a test leaks fail it.

    What fixtures of a wider scope hold is there before this one looks.
    """
    before = inventory()
    yield
    left = left_since(before)
    assert not left, f"the test has left behind: {', '.join(left)}"


@pytest.fixture(scope="session", autouse=True)
def cuda_is_up():
    """What CUDA opens on its first use stays open while the process lives: no test's fault."""
    if torch.cuda.is_available():
        torch.zeros(1, device="cuda").item()


@pytest.fixture(scope="session", autouse=True)
def one_torch_thread():
    """Tests work on tiny tensors, on which torch's workers do little but spin and starve others."""
    with cpu_threads():
        yield
