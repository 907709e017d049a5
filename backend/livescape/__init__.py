"""The compute backend: one photograph and a camera path become 4D Gaussians."""

from livescape_shared import __version__

__all__ = ["__version__"]
