"""What is thin and stands before the sky is no sky, however faint; what is in the sky is."""

import numpy as np
import pytest

from livescape.points.skyline import reclaim_thin_structures

HEIGHT, WIDTH, ROOF = 120, 160, 80
MAST = np.s_[70:ROOF, 40]
CLOUD = np.s_[20:30, 100]


def seen(sky_luma, mast_luma, noise=0.002):
    """Return a roof before a sky, with the same faint upright line on the roof and in the sky."""
    random = np.random.default_rng(1)
    luma = np.full((HEIGHT, WIDTH), sky_luma) + noise * random.standard_normal((HEIGHT, WIDTH))
    luma[MAST] = luma[CLOUD] = mast_luma
    luma[ROOF:] = 0.1
    sky = np.zeros((HEIGHT, WIDTH), bool)
    sky[:ROOF] = True
    image = np.repeat(luma[..., None], 3, axis=2).clip(0.0, 1.0).astype(np.float32)
    depth = np.where(sky, 900.0, 20.0).astype(np.float32)
    return image, depth, sky


@pytest.mark.parametrize(("sky_luma", "mast_luma"), [(0.7, 0.65), (0.1, 0.16)])
def test_a_mast_too_faint_to_be_dark_stands_by_day_and_a_bright_one_by_night(sky_luma, mast_luma):
    image, depth, sky = seen(sky_luma, mast_luma)
    found, still_sky = reclaim_thin_structures(image, depth, sky)
    assert not still_sky[MAST].any()
    assert (found[MAST] == 20.0).all()
    reclaimed = sky & ~still_sky
    assert reclaimed.sum() <= 10 + 2
    assert still_sky[CLOUD].all()  # touches nothing


def test_the_beads_of_a_finial_stand_over_their_gaps():
    image, depth, sky = seen(0.7, 0.65)
    image[73:76, 40] = 0.7
    _, still_sky = reclaim_thin_structures(image, depth, sky)
    assert not still_sky[70:73, 40].any()
    assert not still_sky[76:ROOF, 40].any()


def test_by_day_bright_fringes_of_clouds_are_sky():
    image, depth, sky = seen(0.6, 0.7)
    _, still_sky = reclaim_thin_structures(image, depth, sky)
    np.testing.assert_array_equal(still_sky, sky)


def test_a_faint_line_in_a_sky_that_is_full_of_them_is_sky():
    image, depth, sky = seen(0.7, 0.65, noise=0.02)
    _, still_sky = reclaim_thin_structures(image, depth, sky)
    assert (sky & ~still_sky).sum() < 12


def test_blue_between_clouds_is_no_structure_however_near_it_is_to_what_stands():
    image, depth, sky = seen(0.9, 0.9)
    image[60:ROOF, 80:84] = 0.1  # a post before a gap between clouds
    image[64:68, 10:150] = np.minimum(image[64:68, 10:150], 0.6)
    sky[60:ROOF, 80:84], depth[60:ROOF, 80:84] = False, 20.0
    _, still_sky = reclaim_thin_structures(image, depth, sky)
    assert not (sky & ~still_sky)[60:70].any()
