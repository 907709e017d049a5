"""What holds for every test."""

import pytest

from livescape.engine.threads import cpu_threads


@pytest.fixture(scope="session", autouse=True)
def one_torch_thread():
    """Tests work on tiny tensors, on which torch's workers do little but spin and starve others."""
    with cpu_threads():
        yield
