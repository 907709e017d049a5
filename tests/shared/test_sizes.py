"""Numbers of bytes as people say them."""

import pytest

from livescape_shared.sizes import size_text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "2 KB"), (3 * 10**6, "3 MB"),
     (15 * 10**8, "1.5 GB"), (2 * 10**12, "2000.0 GB")],
)  # fmt: skip
def test_the_unit_suits_the_number(size, text):
    assert size_text(size) == text
