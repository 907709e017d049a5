"""Opening an ONNX model from its local folder and running it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.networks.packages import require_package
from livescape.networks.registry import MODELS
from livescape.networks.store import model_path, model_unreadable

LOGGER = logging.getLogger(__name__)

Array = NDArray[Any]


class OnnxModel:
    """A session whose inputs and outputs have been checked."""

    def __init__(
        self, context: Context, name: str, inputs: Sequence[str], outputs: Sequence[str]
    ) -> None:
        """Open model ``name``.

        Args:
            context: Provides the models and the device.
            name: A name in :data:`~livescape.networks.registry.MODELS` with one .onnx file.
            inputs: Names its inputs must have.
            outputs: Names of the outputs that are wanted, all of them if empty.

        Raises:
            LivescapeError: ``model_missing``, ``package_missing`` or ``model_unreadable``.
        """
        folder, self._card = model_path(context.models, name), MODELS[name]
        file = next(file for file in self._card.files if file.endswith(".onnx"))
        runtime = require_package("onnxruntime")
        self._damage = _errors_of(runtime)
        options = runtime.SessionOptions()
        options.log_severity_level = 3
        try:
            self._session = context.progress.waiting(
                lambda: runtime.InferenceSession(
                    str(folder / file), options, providers=_providers(runtime, context.device)
                )
            )
        except self._damage as error:
            LOGGER.info("%s: %s", folder / file, error)
            raise model_unreadable(self._card, f"{file} is damaged or not an ONNX model") from error
        self._progress = context.progress
        self._outputs = list(outputs)
        self._check("input", [each.name for each in self._session.get_inputs()], inputs)
        self._check("output", [each.name for each in self._session.get_outputs()], outputs)

    def input_shape(self, name: str) -> tuple[int | None, ...]:
        """Return the shape of an input; None stands for a free size."""
        shape = next(each.shape for each in self._session.get_inputs() if each.name == name)
        return tuple(size if isinstance(size, int) else None for size in shape)

    def run(self, inputs: Mapping[str, Array]) -> list[NDArray[np.float32]]:
        """Return the wanted outputs as float32.

        Raises:
            LivescapeError: ``model_unreadable`` if the network does not accept these inputs.
        """
        try:
            results = self._progress.waiting(lambda: self._session.run(self._outputs, dict(inputs)))
        except self._damage as error:
            LOGGER.info("%s: %s", self._card.name, error)
            raise model_unreadable(self._card, "it cannot process this photo") from error
        return [np.asarray(result, dtype=np.float32) for result in results]

    def _check(self, kind: str, found: Sequence[str], wanted: Sequence[str]) -> None:
        missing = [name for name in wanted if name not in found]
        if missing:
            raise model_unreadable(self._card, f"it has no {kind} named {missing[0]}")


def _errors_of(runtime: Any) -> tuple[type[Exception], ...]:
    """Return what the runtime raises: its own errors derive from Exception directly."""
    state = runtime.capi.onnxruntime_pybind11_state
    names = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile",
        "NotImplemented", "RuntimeException", "EPFail", "NoModel", "EngineError")  # fmt: skip
    own = (getattr(state, name) for name in names)
    return (*own, RuntimeError, ValueError, OSError)


def _providers(runtime: Any, device: str) -> list[str]:
    available = runtime.get_available_providers()
    wanted = ["CUDAExecutionProvider"] if device == "cuda" else []
    return [name for name in wanted if name in available] + ["CPUExecutionProvider"]
