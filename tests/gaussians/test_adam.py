"""Steps of Adam: to the bit those of torch's own, without the compiler that it imports."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import torch

from livescape.gaussians.adam import MEMORY, MOMENTUM, Adam
from livescape.gaussians.parameters import GaussianParameters
from livescape_shared.gaussians import Gaussians

RATES = {"offsets": 0.07, "colors": 0.02}
FLOORS = {"offsets": 1e-7, "colors": 1e-5}


def some() -> GaussianParameters:
    generator = np.random.default_rng(0)
    shapes = ((3,), (4,), (3,), (), (3,))
    values = (generator.uniform(0.1, 0.9, (50, *s)).astype(np.float32) for s in shapes)
    return GaussianParameters.from_gaussians(Gaussians(*values))


def test_steps_are_those_of_torch() -> None:
    own, theirs = some(), some()
    groups = [
        {"params": [getattr(theirs, name)], "lr": rate, "eps": FLOORS[name]}
        for name, rate in RATES.items()
    ]
    wanted = torch.optim.Adam(groups, betas=(MOMENTUM, MEMORY), fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(wanted, lambda step: 1.0 - 0.2 * step)
    found = Adam(RATES, FLOORS)
    generator = torch.Generator().manual_seed(1)
    for step in range(4):
        for name in RATES:
            gradient = torch.randn(50, 3, generator=generator) * 1e-5
            for each in (own, theirs):
                getattr(each, name).grad = gradient.clone()
        wanted.step()
        schedule.step()
        found.step(own, 1.0 - 0.2 * step)
        assert own.offsets.grad is None
    for name in RATES:
        assert torch.equal(getattr(own, name), getattr(theirs, name))
    assert own.offsets.abs().max() > 0.1
    assert torch.equal(own.logits, some().logits)


def test_no_fit_imports_the_compiler() -> None:
    code = (
        "import sys\n"
        "from tests.gaussians.test_adam import *\n"
        "parameters = some()\n"
        "parameters.offsets.grad = torch.ones(50, 3)\n"
        "Adam(RATES, FLOORS).step(parameters)\n"
        "import livescape.pipeline\n"
        "sys.exit('torch._dynamo' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
