"""What a run says about the GPU's memory."""

from __future__ import annotations

import pytest
import torch

from livescape.context.progress import Progress

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU"),
]


def test_every_stage_has_a_peak_of_its_own() -> None:
    before = torch.cuda.memory_allocated() / 2**20
    run = Progress(lambda *_: None, lambda: False, "cuda")
    for name, size in (("views", 64), ("optimise", 16)):
        with run.stage(name):
            torch.zeros(size, 2**20, dtype=torch.uint8, device="cuda")
    peaks = [run.peak_device_memory_mb[name] - before for name in ("views", "optimise")]
    assert peaks == pytest.approx([64.0, 16.0], abs=2.0)
