"""What is fitted once serves every motion in a loop; in a shot each motion has its own."""

import pytest
from tests.pipeline.support import request

from livescape.pipeline import generate
from livescape.stages import cover


@pytest.mark.parametrize(
    ("settings", "fits"),
    [
        ({"loop": "on"}, 1),
        ({"loop": "off"}, 2),
        ({"loop": "off", "deform": "drift"}, 2),
    ],
)
def test_another_motion_is_fitted_anew_where_it_counts(tmp_path, monkeypatch, settings, fits):
    made, whole = [], cover.assemble
    monkeypatch.setattr(cover, "assemble", lambda *args: made.append(1) or whole(*args))
    for speed in (1.0, 1.5, 1.0):
        asked = request(seed=21, speed=speed, **settings)
        generate(asked, report=lambda *_: None, cancelled=lambda: False, cache_dir=tmp_path)
    assert len(made) == fits
