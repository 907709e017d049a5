"""File formats for exchanging splats with other programs."""
