"""The numbers of the robust least-squares problem, the same in all its forms."""

from __future__ import annotations

ITERATIONS = 12

TOLERANCE = 1e-3
NOISE_TOLERANCE = 0.02
"""Stop at steps below this many pixels, or below this share of the views' disagreement."""

HUBER = 1.345
"""Huber's constant: 95 % efficiency under Gaussian noise."""

HUBER_SQUARES = 0.7102
"""Mean square of a unit Gaussian clipped at Huber's constant (his Proposal 2 for the scale)."""

EXPECTED_NOISE = 0.1
"""Noise expected of a 2D motion, as a share of it; counts as one equation among the others."""

OFF_SURFACE = 0.2
"""Motion off the surface is expected to be this share of motion along it."""

RAY_SHARE = 1e-3
"""With a known surface, how much less motion along the ray is penalised than other motion."""

ROUND_PRIOR = 1e-6
"""Share of the prior that penalises every direction, so that no system is singular."""

MAX_SHARE = 0.1
LEAST_SPEED = 1e-6
