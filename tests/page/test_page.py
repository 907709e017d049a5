"""The page that plays a scene: what it carries, what it refuses, and how it looks in a browser."""

import base64
import io
import json
import tarfile

import cv2
import numpy as np
import pytest
from tests.page import browser
from tests.page.scenes import cameras, scene

from livescape.evaluate.metrics import psnr
from livescape.gaussians.render import render
from livescape.output.page import viewer
from livescape.output.page.payload import payload
from livescape.output.page.viewer import PACKAGES, Package, fetch_viewer, load_viewer, viewer_folder
from livescape.output.page.write import write_page
from livescape_shared.conventions import window
from livescape_shared.errors import LivescapeError

VIEWER = viewer_folder()
in_a_browser = pytest.mark.skipif(
    browser.chromium() is None or not all((VIEWER / p.archive).is_file() for p in PACKAGES),
    reason="no Chromium, or no viewer for it",
)


def unpacked(data):
    """Read the payload as the player does."""
    length = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + length])
    body = data[4 + length :]
    for name, (dtype, at, count) in header["arrays"].items():
        assert at % 4 == 0
        header[name] = np.frombuffer(body, dtype, count, at)
    return header


@pytest.mark.parametrize("loop", [True, False])
def test_the_payload_moves_every_gaussian_to_where_the_scene_has_it(loop):
    living = scene(loop=loop)
    found = unpacked(payload(living, cameras()))
    base = found["moving_means"].reshape(-1, 3)
    moved = found["displacements"].reshape(found["loop_frames"] + 1, -1, 3) * found["step"]
    windows = found["windows"].reshape(-1, 2)
    for index in range(living.meta.loop_frames + 1):
        shown = living.at_loop_frame(index)
        means = shown.means[found["still"] :]
        np.testing.assert_allclose(base + moved[index], means, atol=found["step"])
        share = window(windows, index / living.meta.loop_frames, found["fade"])
        opacities = 1.0 - (1.0 - found["moving_opacities"] / 65_535.0) ** share
        np.testing.assert_allclose(opacities, shown.opacities[found["still"] :], atol=1e-4)
    assert found["step"] < 1e-3
    assert found["loop"] == loop


def test_cameras_and_looks_arrive_as_they_are():
    living = scene()
    found = unpacked(payload(living, cameras()))
    first = found["cameras"].reshape(-1, 20)[0]
    camera = cameras()[0]
    np.testing.assert_allclose(first[4:].reshape(4, 4), camera.viewmat, atol=1e-6)
    assert first[2] * camera.width == pytest.approx(camera.K[0, 2], rel=1e-6)
    np.testing.assert_allclose(found["still_colors"] / 65_535.0, np.ravel(living.still.colors),
                               atol=1e-4)  # fmt: skip
    np.testing.assert_allclose(found["still_scales"], np.ravel(living.still.scales))


def archive(members):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as file:
        for name, text in members.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(text.encode())
            file.addfile(info, io.BytesIO(text.encode()))
    return stream.getvalue()


def test_a_viewer_that_is_missing_or_another_is_said(tmp_path):
    with pytest.raises(LivescapeError) as caught:
        load_viewer(tmp_path)
    assert caught.value.code == "viewer_missing"
    assert "livescape viewer" in caught.value.hint
    for package in PACKAGES:
        (tmp_path / package.archive).write_bytes(archive({"LICENSE": "none"}))
    with pytest.raises(LivescapeError) as caught:
        load_viewer(tmp_path)
    assert caught.value.code == "viewer_changed"


@pytest.mark.parametrize("npm", [None, "false"])
def test_a_viewer_that_cannot_be_fetched_leaves_nothing(tmp_path, monkeypatch, npm):
    monkeypatch.setattr(viewer.shutil, "which", lambda name: npm)
    with pytest.raises(LivescapeError) as caught:
        fetch_viewer(tmp_path / "viewer")
    assert caught.value.code == "viewer_fetch_failed"
    assert not (tmp_path / "viewer").exists()


def test_a_viewer_that_was_swapped_on_its_way_is_not_kept(tmp_path, monkeypatch):
    def swapped(npm, package, place):
        (place / package.archive).write_bytes(archive({"LICENSE": "none"}))

    monkeypatch.setattr(viewer, "_pack", swapped)
    monkeypatch.setattr(viewer.shutil, "which", lambda name: "npm")
    with pytest.raises(LivescapeError) as caught:
        fetch_viewer(tmp_path)
    assert caught.value.code == "viewer_changed"
    assert list(tmp_path.iterdir()) == []


def test_the_page_is_one_file_that_names_the_licences_and_loads_nothing(tmp_path, monkeypatch):
    fake = Package("three", "1.2.3", "", {"three": "build/three.js"})
    data = archive({"LICENSE": "The --> licence", "build/three.js": "export {}"})
    (tmp_path / fake.archive).write_bytes(data)
    monkeypatch.setattr(viewer, "PACKAGES", (fake,))
    monkeypatch.setattr(viewer, "_check", lambda package, data: None)
    page = write_page(tmp_path / "a <b>.html", scene(), cameras(), load_viewer(tmp_path))
    text = page.read_text(encoding="utf-8")
    assert "<title>a &lt;b&gt;</title>" in text
    assert "three 1.2.3" in text
    assert text.count("-->") == 1
    assert "@@" not in text
    assert "http" not in text.split("<script")[0].replace("charset", "")


@in_a_browser
@pytest.mark.parametrize(("blend", "loop"), [("linear", True), ("srgb", False)])
def test_a_browser_shows_what_the_rasterizer_shows(tmp_path, blend, loop):
    living, path = scene(blend, loop=loop), cameras()
    page = write_page(tmp_path / "scene.html", living, path)
    with browser.page() as shown:
        shown.open(page, 640, 560)
        shown.wait_for("window.livescape || document.getElementById('say')?.textContent === ''")
        said = shown.evaluate("document.getElementById('say').textContent")
        assert (said, shown.said) == ("", [])
        for index in (0, 3):
            camera = path[index]
            url = shown.evaluate(f"livescape.picture({index}, {camera.width}, {camera.height})")
            data = np.frombuffer(base64.b64decode(url.split(",")[1]), np.uint8)
            picture = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1] / 255.0
            expected = render(living.at_loop_frame(index), camera, blend).image
            assert psnr(picture, expected) > 36.0
        shown.evaluate("livescape.lookAround(true)")
        around = shown.evaluate("livescape.stage.eye === livescape.stage.free")
        assert around
