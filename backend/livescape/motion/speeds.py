"""How fast to move what one photograph shows, when neither speed nor direction can be seen.

A guess u of a true motion v is compared with standing still. As long as both are short against the
texture, the squared error of the moved picture grows with |u - v|^2, so against standing still it
changes by 10 log10(|u - v|^2 / |v|^2) decibels. Averaged over directions that are all equally
likely, this is 0 for any |u| <= |v| (Jensen's formula) and 20 log10(|u| / |v|) beyond: too slow
costs nothing, too fast costs the more the faster. And if the guess points the right way with the
mean cosine R, a share R of the true speed is best. Hence the rule for everything that moves by
itself: R times the speed that three quarters of its kind exceed, and where the direction is hardly
known, as that of clouds, open water and rivers, five of six.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LOWER_QUARTILE = -0.6745
"""Of the normal distribution, in standard deviations."""

LOWER_SIXTH = -1.0
"""Likewise."""

DEPTH_SPREAD = 0.5
"""Standard deviation of the logarithm of the metres: the height of the camera above water and
ground is a guess, which was found to be off by factors of 0.5 to 2.3."""


@dataclass(frozen=True)
class SpeedPrior:
    """What is known of the speed of a kind of thing before it has been seen to move.

    Attributes:
        median: Of the true speeds, per second.
        spread: Standard deviation of the logarithm of the true speeds.
        certainty: Mean cosine of the angle between the guessed and the true direction, 0..1.
        slower: Below which share of its kind a speed is guessed, in standard deviations.
    """

    median: float
    spread: float
    certainty: float
    slower: float = LOWER_QUARTILE

    @property
    def cautious(self) -> float:
        """The speed to guess, in the unit of the median."""
        return self.certainty * self.median * math.exp(self.slower * self.spread)


def _in_metres(
    median: float, spread: float, certainty: float, slower: float = LOWER_QUARTILE
) -> SpeedPrior:
    return SpeedPrior(median, math.hypot(spread, DEPTH_SPREAD), certainty, slower)


CLOUDS = SpeedPrior(median=2.3 / 640 * 24, spread=1.0, certainty=0.21, slower=LOWER_SIXTH)
"""Image widths a second. Of 48 time-lapses of skies the median moves 2.3 pixels a frame at a width
of 640, half of them 1.2 to 4.5; 29 of 48 move leftwards, which makes a mean cosine of 2 x 29 / 48 -
1. (Outside the tropics clouds come from the west, and who looks towards the sun has the west on
his right in the northern hemisphere, where most land is.)"""

OPEN_WATER = _in_metres(median=1.0, spread=0.8, certainty=0.4, slower=LOWER_SIXTH)
"""Metres a second, towards the viewer. Ripples and waves of 0.2 to 3 m run at sqrt(g l / 2 pi), 0.6
to 2.2 m/s. The shoaling bottom turns them towards the shore, where photographers stand; on a lake
or from a boat they come from anywhere."""

RIVER = _in_metres(median=0.7, spread=0.7, certainty=0.36, slower=LOWER_SIXTH)
"""Metres a second along the bed towards the viewer. Gauged rivers run at 0.3 to 1 m/s in the mean
of their section (Leopold and Maddock, USGS Professional Paper 252, 1953), a fifth faster at the
surface; steep ones at up to 3 m/s. The bed gives the axis within about 25 degrees, and seven of ten
are taken to run towards the viewer: sloping water faces those who look upstream, level water tells
nothing. 0.9 (2 x 0.7 - 1) = 0.36."""

POOL = _in_metres(median=0.7, spread=0.7, certainty=0.85)
"""A river that a fall feeds: it runs away from the fall for certain."""

FALL = _in_metres(median=3.0, spread=0.7, certainty=0.95)
"""Metres a second, mean over the drop. Water on a steep chute runs at 2 to 5 m/s; in free fall it
gets there after half a metre to a metre."""

FALL_LIP = 0.5
"""Speed at the lip of a fall as a share of its mean: it arrives as a river and gathers speed, the
square of which grows with the drop."""
