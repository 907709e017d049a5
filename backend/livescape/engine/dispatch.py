"""The one rule for operations with several implementations: the device decides which one runs.

Every such operation is a folder:

* ``__init__``: the public functions, which dispatch and do what all forms share;
* ``cpu``: compiled kernels on the thread pool;
* ``cuda``: torch code (gsplat where it rasterises), which also runs on other torch devices;
* ``reference``: a slow, simple form for tests, where ``cuda`` is not simple enough for that.

``cpu`` and ``cuda`` offer the same functions, and only ``__init__`` chooses between them.
"""

from __future__ import annotations

import torch


def on_cpu(device: torch.device | str) -> bool:
    """Return whether the compiled form runs.

    Args:
        device: That of the tensors, or where the caller wants to compute. ``cpu`` alone means the
            compiled form; ``cpu:0`` means torch code on the CPU, which tests compare with it.
    """
    return torch.device(device) == torch.device("cpu")
