"""What holds for every test."""

import hypothesis
import pytest

from livescape.engine.threads import cpu_threads

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("livescape", deadline=None, print_blob=True)
hypothesis.settings.load_profile("livescape")


@pytest.fixture(scope="session", autouse=True)
def one_torch_thread():
    """Tests work on tiny tensors, on which torch's workers do little but spin and starve others."""
    with cpu_threads():
        yield
