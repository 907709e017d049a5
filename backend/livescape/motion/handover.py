"""When the copies of what moves come and go: by life, and in a loop by handing over.

What flows is shown by its outgoing copy as long as that is there. Where outgoing copies have moved
away and none follows, because the water comes from beyond the region's edge, an incoming copy
appears exactly when it has come in. So nothing is there twice. In a loop what is left must become
the first frame again: there the outgoing copy hands over to an incoming one, see
:mod:`livescape.motion.moments`.

A copy keeps its shape and lies as its surface lay at first. Where that bends, as at the foot of a
fall, one surface ends and another begins: the fall does not flow out over its pool, nor the pool up
the fall. The same is where what flows is braked: copies would gather there, one on the other, and
none would come from there in time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape_shared.conventions import FOR_EVER

Float32Array = NDArray[np.float32]

FADE_FRAMES = 2.0
"""Frames in which a copy comes or goes: enough not to blink, too few to be seen as a ghost."""

LONGEST_FADE = 0.25
"""Most of a loop that a fade may last, for loops of a few frames."""

LEAVES = 0.5
"""What moves has left its region where the mask is below this fraction of what it was at first."""

BENT = np.radians(45.0)
"""Change of the slope of its way by which a copy has come to another surface."""

BRAKED = 0.25
"""What moves has come to another surface where it is slower than this part of its fastest so far.
Between the motion of a fall and that of its pool there are some pixels where nothing flows."""

SLOWEST = 1e-6
"""Metres a frame that count as standing."""

NEVER = FOR_EVER
"""When an incoming copy appears that is not needed."""


def fade_length(loop_frames: int) -> float:
    """Return the length of a fade in loop time."""
    return min(FADE_FRAMES / loop_frames, LONGEST_FADE)


def courses(motion: NDArray[np.floating]) -> Float32Array:
    """Return slope and speed [..., 2] of motion [..., 3] in the world.

    How steeply it leads up in radians, 0 where nothing moves, and the logarithm of metres a frame.
    """
    level = np.linalg.norm(motion[..., :2], axis=-1)
    speed = np.maximum(np.linalg.norm(motion, axis=-1), SLOWEST)
    both = np.stack([np.arctan2(motion[..., 2], level), np.log(speed)], axis=-1)
    return both.astype(np.float32)


def keeps_on(courses: Float32Array) -> NDArray[np.bool_]:
    """Return [S, M] whether a way is still on the surface on which it begins.

    Args:
        courses: [S, M, 2] of :func:`courses` along each way, from its beginning on.
    """
    slope, speed = courses[..., 0], courses[..., 1]
    fastest = np.maximum.accumulate(speed, axis=0)
    on = (np.abs(slope - slope[:1]) < BENT) & (speed >= fastest + np.log(BRAKED))
    return np.asarray(on, dtype=bool)


def kept_on(courses: Float32Array) -> NDArray[np.bool_]:
    """Return [S, M] whether what comes by a way stays on the surface of its end.

    Args:
        courses: [S, M, 2] of :func:`courses` along each way, from its end back.
    """
    # What brakes when it comes gathers speed on the way back.
    return keeps_on(np.stack([courses[..., 0], -courses[..., 1]], axis=-1))


def lifetimes(
    mask: Float32Array,
    within: NDArray[np.bool_],
    course: Float32Array | None = None,
    lingers: float = 0.0,
) -> Float32Array:
    """Return [M, 2] phases until which a trajectory stays in the moving region.

    Forward, what leaves the picture goes on: another camera may see it. Backward, nothing is known
    beyond the picture that could come from there.

    What comes to another surface within the region lingers there for a moment: if it were gone when
    it arrives, all that a fast fall covers in that time would be missing above its foot, and what
    lies still below it would show.

    Args:
        mask: [S, M] what moves, 0..1, where it is at S phases evenly from -1 to 1 (S odd).
        within: [S, M] whether it is within the picture.
        course: [S, M, 2] of :func:`courses` there; None where all is one surface.
        lingers: For how long, in phases.

    Returns:
        life[:, 0] <= 0 <= life[:, 1]; -2 and 2 where it never leaves.
    """
    middle = len(mask) // 2
    inside = mask >= LEAVES * mask[middle]
    ahead, before = inside[middle:], (inside & within)[middle::-1]
    forward = _steps(ahead)
    if course is not None:
        before = before & kept_on(course[middle::-1])
        on = _steps(ahead & keeps_on(course[middle:]))
        forward = np.where(on < forward, np.minimum(on + lingers * middle, forward), forward)
    backward = _steps(before)
    forward = np.where(forward >= middle, 2 * middle, forward)
    backward = np.where(backward >= middle, 2 * middle, backward)
    return np.column_stack([-backward, forward]).astype(np.float32) / np.float32(middle)


def _steps(there: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return for how many steps [M] each of [S, M] is there without a break, after the first."""
    on = np.logical_and.accumulate(there, axis=0).sum(axis=0) - 1
    return np.asarray(np.maximum(on, 0), dtype=np.int64)


def handover(life: Float32Array, moments: Float32Array | None, fade: float) -> Float32Array:
    """Return when each trajectory's incoming copy appears and its outgoing copy vanishes [M, 2].

    Args:
        life: [M, 2] of :func:`lifetimes`.
        moments: [S, M] loop time at which copies hand over where the trajectory is, at S phases
            evenly from -1 to 1; None where nothing loops.
        fade: Length of a fade in loop time.

    Returns:
        Middles of fades, which lie within each life, so that nothing spills over the region's
        edge. Everything is there at t = 0, and in a loop all has come back at t = 1.

    What leaves within the loop stays until then, and what comes in is there from then on, whatever
    the moments say. No copy could take over from the former: as it would come by the same way, it
    would have to be beyond the edge when the loop ends.
    """
    comes_in, leaves = life[:, 0] > -1.0, life[:, 1] < 1.0
    appears = np.where(comes_in, 1.0 + life[:, 0] + fade / 2, NEVER)
    vanishes = np.where(leaves, life[:, 1] - fade / 2, FOR_EVER)
    if moments is not None:
        middle = len(moments) // 2
        appears = np.where(comes_in, appears, _crossing(moments[: middle + 1]))
        vanishes = np.where(leaves, vanishes, _crossing(moments[middle:]))
        vanishes = np.minimum(vanishes, 1.0 - fade / 2)
        appears = np.minimum(appears, 1.0 - fade / 2)
    appears, vanishes = np.maximum(appears, fade / 2), np.maximum(vanishes, fade / 2)
    return np.column_stack([appears, vanishes]).astype(np.float32)


def _crossing(moments: Float32Array) -> NDArray[np.float64]:
    """Return the loop time [M] at which a copy reaches the moment of the place where it is.

    Args:
        moments: [N + 1, M] moment of its place at N + 1 loop times evenly from 0 to 1.
    """
    times = np.linspace(0.0, 1.0, len(moments))
    late = times[:, None] - moments
    late[-1] = np.maximum(late[-1], 0.0)
    after = np.maximum((late >= 0.0).argmax(axis=0), 1)
    columns = np.arange(moments.shape[1])
    before, beyond = late[after - 1, columns], late[after, columns]
    share = np.clip(-before / np.maximum(beyond - before, 1e-9), 0.0, 1.0)
    return np.asarray(times[after - 1] + share * (times[after] - times[after - 1]))
