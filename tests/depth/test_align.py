"""Robust line fits, against exhaustive search and against outliers."""

import numpy as np
import pytest
from scipy.optimize import linprog

from livescape.depth.align import fit_line, fit_slope

RNG = np.random.default_rng(5)


def least_absolute(values, targets):
    """The exact minimiser of sum |a x + b - y|, as a linear programme."""
    count = len(values)
    cost = np.r_[0.0, 0.0, np.ones(count)]
    design = np.column_stack([values, np.ones(count)])
    upper = np.block([[design, -np.eye(count)], [-design, -np.eye(count)]])
    bounds = [(None, None)] * 2 + [(0, None)] * count
    return linprog(cost, upper, np.r_[targets, -targets], bounds=bounds).x[:2]


@pytest.mark.parametrize("seed", range(4))
def test_the_line_is_the_linear_programmes(seed):
    rng = np.random.default_rng(seed)
    values = rng.uniform(3.0, 9.0, 60)
    targets = 0.02 * values + 0.1 + rng.laplace(0.0, 0.01, 60)
    exact = least_absolute(values, targets)

    def loss(line):
        return np.abs(line[0] * values + line[1] - targets).sum()

    assert loss(fit_line(values, targets)) <= loss(exact) * (1 + 1e-3)


@pytest.mark.parametrize(("share", "worst"), [(0.0, 1e-9), (0.2, 1e-4), (0.4, 1e-3)])
def test_outliers_do_not_pull_the_line(share, worst):
    values = RNG.uniform(100.0, 900.0, 2000)
    targets = 3e-4 * values - 0.01
    wrong = RNG.random(2000) < share
    targets[wrong] = RNG.uniform(0.2, 0.5, wrong.sum())
    slope, offset = fit_line(values, targets)
    assert abs(slope / 3e-4 - 1.0) < worst
    assert abs(offset + 0.01) < worst


def test_the_slope_is_the_best_of_all_ratios():
    values, targets = RNG.uniform(0.1, 2.0, 41), RNG.normal(0.0, 1.0, 41)
    candidates = targets / values
    losses = np.abs(candidates[:, None] * values - targets).sum(axis=1)
    assert fit_slope(values, targets) == candidates[losses.argmin()]


def test_what_cannot_be_fitted_is_named():
    with pytest.raises(ValueError, match="one \\[N\\]"):
        fit_line(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="two different"):
        fit_line(np.ones(3), np.ones(3))
    with pytest.raises(ValueError, match="positive"):
        fit_slope(np.zeros(2), np.ones(2))
