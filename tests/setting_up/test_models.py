"""The backend's own commands list and fetch networks; what they say is read."""

import json
import sys
from pathlib import Path

import pytest

from livescape.networks.registry import MODELS
from livescape_shared.errors import LivescapeError
from setting_up.models import COMMERCIAL, ModelWork, fetch_command, models_in, said_error

WAIT_S = 120.0


def test_the_backend_lists_its_networks(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVESCAPE_MODELS", str(tmp_path / "models"))
    work = ModelWork(Path(sys.executable), tmp_path / "log")
    work.start()
    assert work.wait(WAIT_S)
    assert work.error is None
    assert [model.name for model in work.models] == list(MODELS)
    assert {model.commercial for model in work.models} <= set(COMMERCIAL)
    assert not any(model.is_present for model in work.models)


def test_what_cannot_be_fetched_is_the_backends_own_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVESCAPE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    work = ModelWork(Path(sys.executable), tmp_path / "log", "lama")
    work.start()
    assert work.wait(WAIT_S)
    assert work.error.code == "offline"
    assert "cannot be downloaded" in work.error.message


def test_fetching_asks_nobody():
    assert fetch_command(Path("python"), "lama")[1:] == [
        "-m", "livescape", "models", "fetch", "lama", "--yes"
    ]  # fmt: skip


@pytest.mark.parametrize("said", ["", "[1]", "{", "[{}]", json.dumps([{"name": 3}])])
def test_a_list_that_is_none_is_one_sentence(said):
    with pytest.raises(LivescapeError) as caught:
        models_in(said)
    assert caught.value.code == "models_unknown"


def test_words_of_a_failure_that_is_no_error_of_ours():
    assert said_error(["Traceback", "ModuleNotFoundError: No module named 'x'"]).code == (
        "models_unknown"
    )
