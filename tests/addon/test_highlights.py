"""A sun brighter than white, from an OpenEXR photo into what Blender renders."""

import numpy as np
import pytest
from tests import highlights
from tests.addon import oracle
from tests.addon.engines import ENGINES
from tests.pipeline.support import camera, path, run

from livescape.gaussians.render import render
from livescape.output.blender_cache import BlenderCache
from livescape_shared.conventions import linear_to_srgb
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import GenerateSettings

SETTINGS = GenerateSettings(
    working_size=highlights.WIDTH,
    gaussian_budget=12_000,
    views=3,
    fit_iterations=60,
    deform_iterations=0,
    motion="none",
    loop="on",
    loop_frames=8,
)


def request(photo, **changed):
    return GenerateRequest(path(), SETTINGS.changed(**changed), photo)


def display(light):
    return linear_to_srgb(np.clip(light, 0.0, 1.0).astype(np.float32))


class Made:
    """Scenes of one photo by blend, and what the backend shows of each in linear light."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.truth = highlights.landscape()
        photo = highlights.exr_bytes(folder / "sun.exr", self.truth)
        self.caches, self.shown = {}, {}
        for blend in ("linear", "srgb"):
            asked = request(photo, blend=blend)
            scene = run(asked, folder / "stages")
            self.caches[blend] = str(
                BlenderCache(folder / "shot.blend", "Livescape", asked).write(scene)
            )
            self.shown[blend] = render(scene.at_loop_frame(0), camera(), blend).light


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return Made(tmp_path_factory.mktemp("sun"))


@pytest.fixture(scope="module", params=ENGINES)
def rendered(request, blender, made):
    lens = float(camera().K[0, 0] / highlights.WIDTH * 36.0)
    result = blender.run(
        "highlights.py",
        made.folder,
        engine=request.param,
        caches=made.caches,
        eye=[0.0, 0.0, 1.7],
        lens=lens,
        size=[highlights.WIDTH, highlights.HEIGHT],
        frame=path().frames[0],
    )
    return {blend: highlights.read_light(file) for blend, file in result["images"].items()}


@pytest.mark.parametrize("blend", ["linear", "srgb"])
def test_the_sun_is_as_bright_in_blender_as_in_the_photo(made, rendered, blend):
    image, truth = rendered[blend], made.truth
    core, disc, fringe = (highlights.within(far) for far in (-4.0, 0.0, 4.0))
    assert image.shape == truth.shape
    figures = {
        "core": np.abs(image / truth - 1.0)[core].mean(),
        "light": abs(image[disc].sum() / truth[disc].sum() - 1.0),
        "fringe": (image - truth)[fringe & ~highlights.within(1.0)].mean(),
        "beside": oracle.psnr(display(image[~fringe]), display(truth[~fringe])),
    }
    assert figures["core"] < 0.05, figures
    assert figures["light"] < 0.15, figures
    assert figures["fringe"] < 0.3, figures
    assert figures["beside"] > 36.0, figures


@pytest.mark.parametrize("blend", ["linear", "srgb"])
def test_blender_renders_what_the_backend_renders(made, rendered, blend):
    image, shown = rendered[blend], made.shown[blend]
    assert shown.max() > 15.0
    assert oracle.psnr(display(image), display(shown)) >= 45.0
    # Of Gaussians equally far away either may be in front.
    assert oracle.psnr(image / (1.0 + image), shown / (1.0 + shown)) >= 45.0
