"""What the artist drew on an object counts at whatever size it was drawn."""

from types import SimpleNamespace

import numpy as np
import pytest
from tests.motion.test_standing import ALL, BOAT, FLAT, NO_SKY, RED, drawn, waves

from livescape.stages.layers import without_objects
from livescape_shared.annotation import Annotation


@pytest.mark.parametrize("factor", [1, 4])
def test_a_hint_is_found_on_its_object_at_any_size(factor):
    image, there = drawn(waves(), BOAT, RED)
    height, width = there.shape
    line = np.float32([[[85, 98], [95, 98]]]) * factor
    annotation = Annotation((), line, width * factor, height * factor)
    inputs = SimpleNamespace(image=image, annotation=annotation, text=np.zeros_like(there))
    mask, _, _ = without_objects(inputs, ALL, FLAT, NO_SKY, "file")
    assert (mask[there] > 0).all()
    inputs.annotation = None
    mask, _, _ = without_objects(inputs, ALL, FLAT, NO_SKY, "file")
    assert not mask[there].all()
