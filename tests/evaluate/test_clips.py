"""Real clips as truth: reading, tiers, scores, and the command from a folder to the tables."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from livescape.commands.evaluate_cases import _clip_name
from livescape.commands.main import main
from livescape.evaluate.clip_files import find_clips, read_frames
from livescape.evaluate.clip_harness import horizon_scores, told_scores
from livescape.evaluate.clips import clip_request, clip_truth
from livescape.evaluate.contenders import Known
from livescape.imaging.png import write_png
from livescape.imaging.video import Clip, decode_clip
from livescape_shared.settings import GenerateSettings

WIDTH, HEIGHT, FRAMES = 96, 64, 14
SHORE = 28
"""Row below which the made clip flows to the right, a pixel a frame."""


def flowing(frames=FRAMES, speed=1):
    """Frames [T, H, W, 3] whose lower part is a coarse texture that moves to the right."""
    random = np.random.default_rng(3)
    coarse = random.random((HEIGHT // 4, (WIDTH + 40) // 4, 3))
    texture = np.kron(coarse, np.ones((4, 4, 1)))[:, : WIDTH + 40]
    texture = sum(np.roll(texture, (dy, dx), (0, 1)) for dy in (0, 1, 2) for dx in (0, 1, 2)) / 9
    pictures = []
    for frame in range(frames):
        start = 40 - speed * frame
        picture = texture[:, 10 : 10 + WIDTH].copy()
        picture[SHORE:] = texture[SHORE:, start : start + WIDTH]
        pictures.append((255 * picture).round().astype(np.uint8))
    return np.stack(pictures)


@pytest.fixture(scope="module")
def truth():
    return clip_truth("made", Clip(flowing(), 25.0), 320)


def test_every_way_to_keep_a_clip_is_found_and_read_alike(tmp_path):
    frames = flowing(5)
    np.savez(tmp_path / "archive.npz", frames=frames)
    np.savez(tmp_path / "other.npz", poses=np.zeros(3))
    images = [Image.fromarray(frame) for frame in frames]
    images[0].save(tmp_path / "moving.png", save_all=True, append_images=images[1:], duration=40)
    images[0].save(tmp_path / "single.png")
    folder = tmp_path / "below" / "pictures"
    folder.mkdir(parents=True)
    for number, frame in enumerate(frames):
        write_png(folder / f"{number:03d}.png", frame)
    (tmp_path / "README.md").write_text("clips")
    found = find_clips(tmp_path)
    assert [path.name for path in found] == ["archive.npz", "moving.png", "pictures"]
    for path in found:
        assert np.array_equal(read_frames(path).frames, frames), path.name
    assert read_frames(tmp_path / "moving.png").fps == 25.0


def test_a_folder_of_pictures_is_named_as_a_clip_and_names_keep_their_dots(tmp_path):
    for name in ("take.1", "take.2"):
        folder = tmp_path / "clips" / name
        folder.mkdir(parents=True)
        for number, frame in enumerate(flowing(3)):
            write_png(folder / f"{number:03d}.png", frame)
    (tmp_path / "clips" / "a.mov.gif").touch()
    clips = tmp_path / "clips"
    assert [_clip_name(path, clips) for path in find_clips(clips)] == ["a.mov", "take.1", "take.2"]
    assert [_clip_name(path, folder) for path in find_clips(folder)] == ["take.2"]


@pytest.mark.parametrize(
    ("frames", "why"),
    [(np.zeros((1, 64, 64, 3), np.uint8), "only one frame"),
     (np.zeros((4, 64, 64, 3), np.float32), "float32"),
     (np.zeros((4, 64, 64), np.uint8), "(4, 64, 64)")],
)  # fmt: skip
def test_frames_that_are_no_clip_are_left_out_by_name(tmp_path, capsys, frames, why):
    np.savez(tmp_path / "wrong.npz", frames=frames)
    arguments = ["evaluate", "--clips", str(tmp_path), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--contenders", "photo"]) == 0
    said = capsys.readouterr().err
    assert "wrong.npz is left out" in said
    assert why in said


def test_a_folder_without_clips_is_named(tmp_path, capsys):
    arguments = ["evaluate", "--clips", str(tmp_path / "none"), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--contenders", "photo"]) == 2
    assert "none holds no clip" in capsys.readouterr().err


def test_motion_of_the_clip_is_what_was_made(truth):
    inner = np.zeros((HEIGHT, WIDTH), bool)
    inner[SHORE + 8 : -6, 8:-8] = True
    assert truth.moving[inner].mean() > 0.95
    assert truth.moving[: SHORE - 8].mean() < 0.02
    assert np.median(truth.flow[inner], axis=0) == pytest.approx((1.0, 0.0), abs=0.1)


def test_the_film_shows_nothing_that_is_compared(truth):
    settings = GenerateSettings()
    asked = clip_request(truth, "video", 8, 30, settings)
    film = decode_clip(asked.clip)
    assert np.array_equal(film.frames, truth.frames[9:])
    assert film.fps == asked.camera_path.fps
    assert asked.settings.motion == "video"
    assert not asked.flow
    assert not asked.mask
    assert clip_request(truth, "video", 10, 30, settings) is None
    still = replace(truth, frames=np.repeat(truth.frames[:1], FRAMES, 0))
    assert clip_request(still, "video", 4, 30, settings) is None
    assert clip_request(truth, "auto", 4, 30, settings).clip == b""


def test_what_is_right_gains_over_the_photo_and_what_drifts_loses(truth):
    unmoved = {frame: truth.image(0) for frame in range(5)}
    right = {frame: truth.image(frame) for frame in range(5)}
    values = horizon_scores(truth, right, unmoved, 4)
    assert values["gain"] > 10
    assert values["gain_moving"] > 10
    assert values["change_error"] == 0
    assert values["flow_error_px"] < 0.2
    assert values["speed_share"] == pytest.approx(1, abs=0.1)
    assert horizon_scores(truth, unmoved, unmoved, 4)["gain"] == 0
    drifting = {frame: np.roll(truth.image(0), -frame, 1) for frame in range(5)}
    wrong = horizon_scores(truth, drifting, unmoved, 4)
    assert wrong["gain"] < 0
    assert wrong["gain_standing"] < -5
    assert wrong["speed_share"] < 0


def test_what_was_told_is_compared_with_what_moves(truth):
    depth = np.ones((HEIGHT, WIDTH), np.float32)
    turned = np.stack([-truth.flow[..., 1], truth.flow[..., 0]], -1) * 2
    told = Known(truth.image(0), truth.camera, depth, truth.moving.astype(np.float32), turned)
    values = told_scores(truth, told)
    assert values["mask_iou"] == 1
    assert values["false_motion"] == 0
    assert values["angle"] == pytest.approx(90, abs=1)
    assert values["speed_ratio"] == pytest.approx(2, rel=0.01)


def test_what_was_told_at_another_size_is_compared_alike(truth):
    height, width = HEIGHT // 2, WIDTH // 2
    small = truth.flow[::2, ::2] / 2
    mask = truth.moving[::2, ::2].astype(np.float32)
    told = Known(truth.image(0), truth.camera, np.ones((height, width), np.float32), mask, small)
    values = told_scores(truth, told)
    assert values["mask_iou"] > 0.9
    assert values["speed_ratio"] == pytest.approx(1, rel=0.05)


def test_clips_are_scored_by_the_command(tmp_path):
    clips = tmp_path / "clips"
    clips.mkdir()
    np.savez(clips / "made.npz", frames=flowing())
    tiny = ["gaussian_budget 3000", "fit_iterations 4", "deform_iterations 2", "views 2"]
    tiny += ["paper.view_set path"]
    changes = [word for pair in tiny for word in ("--set", *pair.split())]
    arguments = [
        "evaluate", "--clips", str(clips), "--contenders", "photo,layered,ours,paper",
        "--tiers", "video,given", "--ahead", "1,4", "--out", str(tmp_path / "out"),
        "--cache-dir", str(tmp_path / "cache"), *changes,
    ]  # fmt: skip
    assert main(arguments) == 0
    stored = json.loads((tmp_path / "out" / "results.json").read_text())
    rows = {(r["tier"], r["contender"], r.get("ahead")): r for r in stored["rows"]}
    names = {"photo", "layered", "ours", "paper"}
    assert {name for _, name, ahead in rows if ahead} == names
    assert rows["video", "photo", 4.0]["gain"] == 0
    for tier in ("video", "given"):
        assert rows[tier, "layered", 4.0]["gain_moving"] > 1
        assert rows[tier, "told", None]["mask_iou"] > 0.8
    text = (tmp_path / "out" / "results.md").read_text()
    assert "| given | 4 | layered |" in text
    assert "| made | video |" in text
    assert (tmp_path / "out" / "strips" / "clip_made_given.png").exists()
