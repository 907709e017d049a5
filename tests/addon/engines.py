"""The render engines that tests go through; EEVEE only where it is asked for."""

import os

import pytest

EEVEE = pytest.mark.skipif(
    "LIVESCAPE_TEST_EEVEE" not in os.environ,
    reason="set LIVESCAPE_TEST_EEVEE: without a graphics card EEVEE takes minutes",
)
ENGINES = ["CYCLES", pytest.param("EEVEE", marks=EEVEE)]
