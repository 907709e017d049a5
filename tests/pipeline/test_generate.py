"""The whole way on a small crop of the demonstration photo: each kind of request, each ending."""

import json
import logging
import shutil

import cv2
import numpy as np
import pytest
from tests.data.files import annotation_bytes, photo_path
from tests.pipeline.support import HEIGHT, TINY, WIDTH, camera, npy, request, run, scene_arrays

from livescape.cameras.projection import project_points
from livescape.context.cache import SUFFIX
from livescape.context.progress import SHARES
from livescape.gaussians.render import render
from livescape.pipeline import result_chunks
from livescape.stages.door import read_inputs, timed_settings
from livescape_shared.camera import CameraPath
from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.settings import GenerateSettings
from livescape_shared.trajectories import Trajectories


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def warm(generated, cache, tmp_path):
    """A cache of this test's own that knows the photo's layout and depth, but no scene."""
    folder = tmp_path / "warm"
    folder.mkdir()
    for stage in ("layout", "depth"):
        for entry in cache.glob(f"{stage}-*{SUFFIX}"):
            shutil.copy(entry, folder)
    return folder


@pytest.fixture(scope="module")
def generated(cache):
    """One whole generation with its progress."""
    progress = []
    scene = run(request(), cache, lambda *step: progress.append(step))
    return scene, progress


def check_scene(scene, settings: GenerateSettings):
    """What holds for every scene that is handed out."""
    meta, field = scene.meta, scene.moving
    assert (meta.static, meta.moving) == (len(scene.still), 2 * len(field))
    assert meta.static + meta.moving <= settings.gaussian_budget
    assert meta.loop_frames == settings.loop_frames
    for name, values in scene_arrays(scene).items():
        assert np.isfinite(values).all(), name
        assert values.dtype == np.float32, name
    for gaussians in (scene.still, field.gaussians):
        norms = np.linalg.norm(gaussians.quats, axis=1)
        np.testing.assert_allclose(norms, 1.0, atol=1e-4)
        assert (gaussians.scales > 0).all()
        for values in (gaussians.opacities, gaussians.colors):
            assert values.min(initial=0.0) >= 0.0
            assert values.max(initial=1.0) <= 1.0
    report = scene.report
    assert np.isfinite(report["reference_view_psnr"])
    assert report["reference_view_psnr"] > 20.0
    assert report["loop_error"] < 1e-5
    assert report["gaussians"] == meta.static + meta.moving
    assert set(report["seconds"]) <= set(list(SHARES["cpu"]))
    assert report["settings"] == settings.to_dict()
    json.dumps(report, allow_nan=False)


def test_a_living_scene_looks_like_the_photo_and_moves_where_it_should(generated):
    scene, _ = generated
    check_scene(scene, TINY)
    assert scene.meta.moving > 100
    assert scene.meta.start_frame == 11
    report = scene.report
    assert report["motion_inside_px"] > 0.03
    assert report["motion_inside_px"] > 3 * report["motion_outside_px"]
    assert report["held_out_loss_before"] > 0.0


def test_frames_repeat_with_the_loop_and_differ_within_it(generated):
    scene, _ = generated
    for name, values in vars(scene.at_frame(14)).items():
        np.testing.assert_array_equal(values, getattr(scene.at_frame(14 + 5 * 8), name))
        np.testing.assert_array_equal(values, getattr(scene.at_loop_frame(3), name))
    view = read_inputs(request()).camera
    first, middle = (render(scene.at_frame(frame), view).image for frame in (11, 15))
    assert np.abs(first - middle).max() > 0.05
    np.testing.assert_array_equal(first, render(scene.at_frame(3), view).image)  # before the start


def test_a_shot_shows_one_copy_from_its_first_frame_to_its_last(cache):
    """The path has five frames; of loop_frames nothing is left to say."""
    scene = run(request(loop="auto", deform_iterations=0), cache)
    meta, windows = scene.meta, scene.moving.all_copies().windows
    assert (meta.loop, meta.loop_frames, meta.start_frame) == (False, 4, 11)
    assert meta.moving == len(windows) < 1.5 * len(scene.moving)
    assert "loop_error" not in scene.report
    *_, (kind, _, _, arrays) = result_chunks(scene)
    assert (kind, arrays["weights"].shape[1]) == ("trajectories", 5)
    for frame, held in ((3, 11), (10, 11), (16, 15), (99, 15)):
        for name, values in vars(scene.at_frame(frame)).items():
            np.testing.assert_array_equal(values, getattr(scene.at_frame(held), name))


@pytest.mark.parametrize(
    ("loop", "frames", "wanted"),
    [
        ("auto", (1, 2, 250), ("off", 249)),
        ("auto", (1, 2, 251), ("on", 8)),
        ("auto", (7,), ("on", 8)),
        ("auto", (3, 9, 4), ("off", 6)),
        ("off", (1, 400), ("off", 399)),
        ("off", (7,), ("off", 2)),
        ("on", (1, 2, 3), ("on", 8)),
    ],
)
def test_a_short_path_needs_no_loop(loop, frames, wanted):
    whole = CameraPath(camera(), (camera(),) * len(frames), frames)
    found = timed_settings(TINY.changed(loop=loop), whole)
    assert (found.loop, found.loop_frames) == wanted


def test_a_very_long_path_cannot_do_without_a_loop():
    whole = CameraPath(camera(), (camera(),) * 2, (1, 20_000))
    with pytest.raises(LivescapeError, match="Choose loop on") as caught:
        timed_settings(TINY.changed(loop="off"), whole)
    assert caught.value.code == "settings_invalid"


def test_progress_passes_the_stages_in_order_and_never_falls(generated):
    _, progress = generated
    stages = list(dict.fromkeys(stage for stage, *_ in progress))
    assert stages == [*list(SHARES["cpu"]), "done"]
    fractions = [fraction for *_, fraction in progress]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert all(0 <= step <= total for _, step, total, _ in progress)
    assert len([stage for stage, *_ in progress if stage == "optimise"]) > TINY.fit_iterations


def test_the_second_call_comes_from_the_cache_and_is_the_same(generated, cache):
    scene, _ = generated
    seen = []
    again = run(request(), cache, lambda stage, *_: seen.append(stage))
    assert seen == ["photo", "done"]
    first, second = scene_arrays(scene), scene_arrays(again)
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name], err_msg=name)
    assert (again.meta_json, again.report_json) == (scene.meta_json, scene.report_json)


@pytest.mark.parametrize(
    ("changed", "made"),
    [
        ({"seed": 1, "fit_iterations": 1, "deform_iterations": 0}, ["gaussians", "scene"]),
        ({"speed": 2.0, "deform_iterations": 0}, ["scene"]),
    ],
)
def test_what_did_not_change_comes_from_the_cache(generated, cache, changed, made):
    before = set(cache.iterdir())
    run(request(**changed), cache)
    added = set(cache.iterdir()) - before
    assert sorted(entry.name.split("-")[0] for entry in added) == made


def test_the_same_request_gives_the_same_bits(generated, warm):
    scene, _ = generated
    first, second = scene_arrays(scene), scene_arrays(run(request(), warm))
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name], err_msg=name)


def test_chunks_arrive_in_the_order_of_the_contract(generated):
    scene, _ = generated
    chunks = list(result_chunks(scene))
    order = [(kind, index) for kind, index, _, _ in chunks]
    assert order == [("scene", 0), ("static", 0), ("moving", 0), ("trajectories", 0)]
    assert chunks[0][2] == scene.meta.to_dict()
    gaussian = {"means", "quats", "scales", "opacities", "colors"}
    assert set(chunks[1][3]) == gaussian
    assert set(chunks[2][3]) == gaussian | {"windows"}
    assert len(chunks[1][3]["means"]) == scene.meta.static
    moving = chunks[2][3]
    assert len(moving["means"]) == scene.meta.moving
    told = Trajectories.of_scene(chunks[3][3], scene.meta)
    frames = [told.means(moving["means"], index) for index in range(TINY.loop_frames + 1)]
    for index, means in enumerate(frames):
        shown = scene.at_loop_frame(index)
        np.testing.assert_array_equal(shown.means[scene.meta.static :], means)
    half = len(scene.moving)
    np.testing.assert_array_equal(moving["means"], frames[0])
    np.testing.assert_array_equal(frames[0][:half], frames[-1][half:])


def test_without_motion_there_is_a_still_scene(cache):
    scene = run(request(motion="none"), cache)
    check_scene(scene, TINY.changed(motion="none"))
    assert scene.meta.moving == 0
    assert "motion_inside_px" not in scene.report
    assert scene.report["loop_error"] == 0.0
    chunks = list(result_chunks(scene))
    assert [kind for kind, *_ in chunks] == ["scene", "static", "moving"]
    assert len(chunks[2][3]["means"]) == 0
    assert scene.at_frame(3) is scene.still


@pytest.mark.parametrize("stage", ["photo", "layout", "optimise", "refine", "deform"])
def test_cancelling_ends_the_run_at_once_and_leaves_nothing_half_done(warm, tmp_path, stage):
    folder = tmp_path / "cold" if stage in ("photo", "layout") else warm
    before = set(folder.iterdir()) if folder.exists() else set()
    seen = []
    asked = request(fit_iterations=2, deform_iterations=1)
    with pytest.raises(Cancelled):
        run(asked, folder, lambda name, *_: seen.append(name), lambda: stage in seen)
    assert seen.count(stage) == 1
    assert seen[-1] == stage
    found = set(folder.iterdir()) if folder.exists() else set()
    added = [entry.name for entry in found - before]
    whole = ["gaussians"] * (stage == "deform")
    if stage == "layout":  # which may be whole before anybody asks whether to go on
        added = [name for name in added if not name.startswith("layout-")]
    assert [name.split("-")[0] for name in added] == whole
    assert all(entry.suffix == SUFFIX for entry in found)


@pytest.mark.parametrize("still", [True, False])
def test_a_path_of_one_frame_is_a_path(cache, still):
    place = camera() if still else camera(0.2, 0.1)
    one = CameraPath(camera(), (place,), (250,))
    scene = run(request(one, fit_iterations=5, deform_iterations=1), cache)
    assert scene.meta.start_frame == 250
    assert np.isfinite(scene.report["reference_view_psnr"])


@pytest.mark.parametrize("views", [1, 2])
def test_few_views_are_enough(cache, views):
    scene = run(request(views=views, fit_iterations=3, deform_iterations=1), cache)
    assert scene.report["reference_view_psnr"] > 18.0


@pytest.mark.parametrize("loop_frames", [2, 3])
def test_the_shortest_loops_close_too(cache, loop_frames):
    settings = {"loop_frames": loop_frames, "fit_iterations": 3, "deform_iterations": 2}
    scene = run(request(**settings), cache)
    assert scene.meta.moving > 0
    assert scene.report["loop_error"] < 1e-5
    assert scene.report["motion_inside_px"] > 0.0


def test_depth_mask_and_flow_of_the_user_s_own_are_followed(cache):
    """A plane that recedes upwards, whose right half flows at 0.5 pixels a frame."""
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None] + np.zeros(WIDTH, np.float32)
    depth = (400.0 / (10.0 + rows)).astype(np.float32)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[30:100, 80:] = 255
    flow = np.zeros((HEIGHT, WIDTH, 2), np.float32) + np.array([0.625, 0.0], np.float32)
    files = {
        "depth": npy(depth),
        "flow": npy(flow),
        "mask": cv2.imencode(".png", mask)[1].tobytes(),
    }
    scene = run(request(files=files, motion="file", deform_iterations=0), cache)
    assert scene.meta.moving > 0
    view = read_inputs(request()).camera
    field = scene.moving
    positions_u0, z0 = project_points(field.means_at(0.0), view)
    u0, v0 = positions_u0.T
    positions_u1, _ = project_points(field.means_at(1 / 8), view)
    u1, _ = positions_u1.T
    inside = (u0 > 70) & (u0 < 110) & (v0 > 30) & (v0 < 75)
    assert inside.sum() > 50
    assert np.median((u1 - u0)[inside]) == pytest.approx(0.5, abs=0.08)
    assert (u0 > 58).all()
    expected = 400.0 / (10.0 + v0 * HEIGHT / view.height)
    assert np.median(np.abs(z0 / expected - 1.0)) < 0.05


def test_speed_scales_the_motion(cache):
    fields = [run(request(speed=s, deform_iterations=0), cache).moving for s in (1.0, 2.0)]
    slow, fast = (
        np.median(np.linalg.norm(field.means_at(1 / 8) - field.means_at(0.0), axis=1))
        for field in fields
    )
    assert fast == pytest.approx(2.0 * slow, rel=0.25)


def test_hints_and_polygons_drawn_on_the_river_move_it_that_way(cache):
    polygon = [[0, 88], [159, 84], [159, 119], [0, 119]]
    shapes = [
        ("motion", polygon),
        ("hint", [[40, 100], [90, 100]]),
        ("hint", [[100, 105], [150, 105]]),
    ]
    entries = [{"label": label, "points": points} for label, points in shapes]
    drawing = {"imageWidth": WIDTH, "imageHeight": HEIGHT, "shapes": entries}
    scene = run(
        request(files={"hints": json.dumps(drawing).encode()}, motion="hints", fit_iterations=5),
        cache,
    )
    moved = scene.moving.means_at(1 / 8) - scene.moving.means_at(0.0)
    assert scene.meta.moving > 50
    assert np.median(moved[:, 0]) > 0.0  # camera right is world x
    assert np.median(moved[:, 0]) > 3 * np.abs(np.median(moved[:, 2]))


def test_an_annotated_photograph(cache):
    asked = request(
        photo=photo_path("creek_cascade").read_bytes(),
        files={"hints": annotation_bytes("creek_cascade")},
        motion="hints",
        fit_iterations=5,
        deform_iterations=2,
    )
    scene = run(asked, cache)
    assert scene.meta.moving > 100
    assert scene.report["loop_error"] < 1e-5
    assert scene.report["motion_inside_px"] > scene.report["motion_outside_px"]


def test_errors_name_their_stage(warm):
    for changed, code, stage in (
        ({"photo": b"no image"}, "photo_unreadable", "photo"),
        ({"depth": "file"}, "depth_file_missing", "depth"),
        ({"motion": "hints"}, "hints_missing", "motion"),
        ({"motion": "file"}, "flow_missing", "motion"),
    ):
        with pytest.raises(LivescapeError) as caught:
            run(request(fit_iterations=0, **changed), warm)
        assert (caught.value.code, caught.value.stage) == (code, stage)


def test_a_cache_that_cannot_be_written_costs_no_result(tmp_path, caplog):
    (tmp_path / "cache").write_text("a file")
    with caplog.at_level(logging.WARNING):
        scene = run(request(fit_iterations=1, deform_iterations=0), tmp_path / "cache")
    assert scene.report["gaussians"] > 0
    assert "is not kept in the cache" in caplog.text
