"""Putting the weights of a published file into one of our networks.

The published files differ in what surrounds the weights of one network, so each network names the
prefixes under which its weights may stand. Spectral norm is divided out on the way: in evaluation
the weight is ``weight_orig / (u . (W v))`` with W = weight_orig as [out, in * k * k] (Miyato et
al., ICLR 2018, as ``torch.nn.utils.spectral_norm`` stores it).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn

from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)

_SHOWN = 3
_SPECTRAL = ("_orig", "_u", "_v")


def load_weights(
    network: nn.Module,
    tensors: Mapping[str, Tensor],
    prefixes: Sequence[str],
    *,
    ignored: str = r"(?!)",
) -> None:
    """Fill ``network`` with the tensors under the prefix that fits it best.

    Args:
        network: Its parameter and buffer names are those of the file, less the prefix. It may be
            made on the ``meta`` device, which saves a random start; the weights are on the CPU.
        tensors: All tensors of a file, see :func:`livescape.networks.tensor_file.read_tensors`.
        prefixes: Where the network may stand in a file.
        ignored: Regular expression of names that the file has and the network does not need.

    Raises:
        LivescapeError: ``checkpoint_mismatch``; the sentence names missing and unknown tensors.
    """
    wanted = network.state_dict()
    prefix = max(prefixes, key=lambda each: len(_present(wanted, tensors, each)))
    own = {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}
    present = _present(wanted, tensors, prefix)
    used = {part for name in present for part in _parts(name, own)}
    skip = re.compile(ignored)
    # If nothing fits, any tensor of the file shows which network it belongs to.
    foreign = own if present else tensors
    odd = [name for name in foreign if name not in used and not skip.search(name)]
    missing = [name for name in wanted if name not in present]
    if missing or odd:
        raise _mismatch(missing, odd)
    shapes = {name: tuple(own[_parts(name, own)[0]].shape) for name in wanted}
    wrong = [name for name, value in wanted.items() if shapes[name] != tuple(value.shape)]
    if wrong:
        first = wrong[0]
        expected = tuple(wanted[first].shape)
        raise _refusal(f"{first} has the shape {shapes[first]} instead of {expected}")
    weights = {name: _plain(name, own) for name in wanted}
    endless = [name for name, value in weights.items() if not bool(torch.isfinite(value).all())]
    if endless:
        raise _refusal(f"it has values that are not finite in {_listed(endless)}")
    network.load_state_dict(weights, assign=True)
    LOGGER.info("%d tensors of %s from %r", len(weights), type(network).__name__, prefix)


def _parts(name: str, own: Mapping[str, Tensor]) -> tuple[str, ...]:
    """Return the names of the tensors that ``name`` is made of, the one of its shape first."""
    if name in own:
        return (name,)
    return tuple(name + suffix for suffix in _SPECTRAL)


def _present(wanted: Iterable[str], tensors: Mapping[str, Tensor], prefix: str) -> set[str]:
    """Return those of ``wanted`` that stand under ``prefix``, plain or spectrally normalised."""
    return {
        name for name in wanted if all(part in tensors for part in _parts(prefix + name, tensors))
    }


def _plain(name: str, own: Mapping[str, Tensor]) -> Tensor:
    """Return a tensor as float32, its spectral norm divided out.

    Raises:
        LivescapeError: ``checkpoint_mismatch`` if the vectors of the norm do not fit.
    """
    parts = [own[part].detach().to(torch.float32) for part in _parts(name, own)]
    if len(parts) == 1:
        return parts[0]
    weight, u, v = parts
    matrix = weight.reshape(weight.shape[0], -1)
    if (*u.shape, *v.shape) != tuple(matrix.shape):
        raise _refusal(f"the spectral norm of {name} does not fit its weights")
    return weight / torch.dot(u, matrix @ v)


def _mismatch(missing: Sequence[str], odd: Sequence[str]) -> LivescapeError:
    parts = [
        f"{word} {_listed(names)}"
        for word, names in (("it lacks the tensors", missing), ("it has the unknown tensors", odd))
        if names
    ]
    return _refusal(" and ".join(parts))


def _refusal(reason: str) -> LivescapeError:
    return LivescapeError(
        "checkpoint_mismatch",
        f"The checkpoint belongs to another network: {reason}.",
        hint="Choose the file that belongs to this setting.",
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
