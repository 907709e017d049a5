"""Motion blur is the average of the shutter's instants, defocus the average over the lens."""

from dataclasses import replace

import numpy as np
import pytest
from tests.addon import oracle, synthetic
from tests.addon.engines import ENGINES

from livescape_shared.camera import Camera
from livescape_shared.conventions import srgb_to_linear


@pytest.fixture(scope="module")
def by_engine(blender, tmp_path_factory):
    made = {}

    def of(engine):
        if engine not in made:
            folder = tmp_path_factory.mktemp(f"motion_blur_{engine}")
            made[engine] = blender.run("motion_blur.py", folder, engine=engine)
        return made[engine]

    return of


@pytest.fixture(params=ENGINES)
def images(request, by_engine):
    return by_engine(request.param)


def _average(images, moment):
    return np.mean([np.load(path) for path in images[moment]["instants"]], axis=0)


def _backend(gaussians, camera):
    """The backend's image in linear light."""
    render = pytest.importorskip("livescape.gaussians.render").render
    return srgb_to_linear(render(gaussians, camera, "linear").image)


def _fast_scene():
    calm = synthetic.scene(static=200, pairs=300)
    return replace(calm, velocity=calm.velocity * 5.0)


@pytest.mark.parametrize("moment", ["middle", "seam"])
def test_blur_equals_the_average(images, moment):
    average = _average(images, moment)
    blurred = oracle.psnr(np.load(images[moment]["blurred"]), average)
    sharp = oracle.psnr(np.load(images[moment]["instants"][6]), average)
    assert blurred >= 40.0
    assert blurred > sharp + 8.0


def test_blur_of_a_moving_camera_equals_the_backends_average(images):
    scene = _fast_scene()
    views = [Camera.from_dict(camera) for camera in images["camera"]["cameras"]]
    times = np.linspace(9.5, 10.5, len(views))
    instants = [
        _backend(scene.seen_at(time), view) for time, view in zip(times, views, strict=True)
    ]
    average = np.mean(instants, axis=0)
    blurred = oracle.psnr(np.load(images["camera"]["blurred"])[..., :3], average)
    assert blurred >= 40.0
    assert blurred > oracle.psnr(instants[6], average) + 8.0


def test_without_exchanged_copies_the_seam_would_streak(by_engine):
    images = by_engine("CYCLES")
    jumping = np.load(images["jumping seam"])
    assert oracle.psnr(jumping, _average(images, "seam")) < 35.0


def _lens_views(camera, focus, radius, count=96):
    """Cameras spread over the lens, each with what is in focus at the same pixels."""
    turn = np.pi * (3.0 - np.sqrt(5.0))
    for index in range(count):
        r = radius * np.sqrt((index + 0.5) / count)
        x, y = r * np.cos(index * turn), r * np.sin(index * turn)
        intrinsics, extrinsics = camera.K.copy(), camera.viewmat.copy()
        extrinsics[:2, 3] -= (x, y)
        intrinsics[0, 2] += intrinsics[0, 0] * x / focus
        intrinsics[1, 2] += intrinsics[1, 1] * y / focus
        values = {
            **camera.to_dict(),
            "intrinsics": intrinsics.tolist(),
            "extrinsics": extrinsics.tolist(),
        }
        yield Camera.from_dict(values)


def test_defocus_equals_the_backends_average_over_the_lens(by_engine):
    shot = by_engine("CYCLES")["defocused"]
    camera = Camera.from_dict(shot["camera"])
    gaussians = _fast_scene().seen_at(17)
    views = _lens_views(camera, shot["focus"], shot["radius"])
    average = np.mean([_backend(gaussians, view) for view in views], axis=0)
    image = np.load(shot["image"])[..., :3]
    defocused = oracle.psnr(image, average)
    assert defocused >= 40.0
    assert defocused > oracle.psnr(_backend(gaussians, camera), average) + 8.0
