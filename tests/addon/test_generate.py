"""The operator against a real server process: what works, and what is refused in words."""

import pytest


@pytest.fixture(scope="module")
def result(blender, job_server, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVESCAPE_STATE_DIR", str(job_server))
        patch.delenv("LIVESCAPE_PYTHON", raising=False)
        return blender.run("generate.py", tmp_path_factory.mktemp("generate"))


def test_makes_the_object_and_its_cache(result):
    outcome, code, note, running = result["made"]
    assert (outcome, code, running) == (["FINISHED"], "", False)
    assert note == "Livescape: 1000 Gaussians, 400 moving"
    assert result["vertices"] == 400
    assert result["meta"]["scene"]["loop_frames"] == 8
    assert result["meta"]["report"] == {"job": "synthetic"}
    assert result["meta"]["settings"]["working_size"] == 480


CODES = {
    "unsaved": "blend_unsaved",
    "no photo": "photo_missing",
    "photo missing": "photo_missing",
    "photo unreadable": "photo_unreadable",
    "photo tiny": "photo_too_small",
    "photo huge": "photo_too_large",
    "depth missing": "input_unreadable",
    "no camera": "camera_missing",
    "orthographic": "camera_unsupported",
    "zero focal length": "camera_invalid",
    "no backend": "backend_missing",
    "no such backend": "backend_missing",
    "server does not start": "server_start_failed",
    "other protocol version": "protocol_version",
    "job fails": "photo_too_flat",
    "result inconsistent": "result_invalid",
    "cache not writable": "cache_not_writable",
}


@pytest.mark.parametrize(("case", "code"), CODES.items())
def test_bad_input_is_one_sentence_and_changes_nothing(result, case, code):
    refused = result["refused"][case]
    assert refused["code"] == code
    assert refused["outcome"] == ["RuntimeError"], "an operator's error reaches scripts"
    assert refused["shown"] in refused["said"]
    assert refused["shown"].endswith(".")
    assert "Traceback" not in refused["said"]
    assert refused["untouched"]
    assert not refused["running"]


def test_nothing_is_left_of_a_first_failure(result):
    assert result["first failure leaves no folder"]


def test_cancel_in_the_middle(result):
    cancelled = result["cancelled"]
    assert cancelled["ended"] == "Cancelled"
    assert cancelled["worked"]
    assert not cancelled["running"]
    assert cancelled["untouched"]


def test_photos_of_every_kind_pass(result):
    assert result["photos"] == {
        "alpha": ["FINISHED"],
        "grey": ["FINISHED"],
        "16 bits": ["FINISHED"],
    }


def test_one_frame_and_nothing_moving(result):
    outcome, code, note, _ = result["still, one frame"]
    assert (outcome, code) == (["FINISHED"], "")
    assert note == "Livescape: 600 Gaussians, 0 moving"
    assert result["rebuilt"] == ["FINISHED"]
