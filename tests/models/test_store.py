"""The registry of models, and finding them on this machine."""

import re
from dataclasses import replace

import pytest

from livescape.networks.pins import RECORD, accept_files
from livescape.networks.registry import MODELS
from livescape.networks.store import (
    PICKLED,
    model_identity,
    model_path,
    size_text,
)
from livescape_shared.errors import LivescapeError


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def put(folder, name, text="weights"):
    for file in MODELS[name].files:
        path = folder / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    accept_files(MODELS[name], folder / name)
    return folder / name


def refused(function, *arguments):
    with pytest.raises(LivescapeError) as caught:
        function(*arguments)
    return caught.value


@pytest.mark.parametrize("name", sorted(MODELS))
def test_cards_say_what_a_user_must_know(name):
    card = MODELS[name]
    assert card.name == name
    assert re.fullmatch(r"[a-z0-9_]+", name)
    assert re.fullmatch(r"[\w.+-]+( (AND|OR|WITH) [\w.+-]+)*", card.licence)
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", card.source)
    assert card.download_bytes > 1_000_000
    assert any(file.endswith((".safetensors", ".onnx")) for file in card.files)
    assert not any(file.endswith((*PICKLED, ".py")) for file in card.files)
    assert not any(".." in file or file.startswith(("/", "\\")) for file in card.files)
    assert card.description.endswith(".")


def test_a_model_is_there_once_all_its_files_are(folder):
    error = refused(model_path, folder, "depth_pro")
    assert error.code == "model_missing"
    for part in ("Depth Pro", "LicenseRef-Apple-AMLR", "1.90 GB"):
        assert part in error.message
    for part in ("livescape models fetch depth_pro", str(folder / "depth_pro"), "config.json"):
        assert part in error.hint
    put(folder, "depth_pro")
    assert model_path(folder, "depth_pro") == folder / "depth_pro"
    (folder / "depth_pro" / "model.safetensors").unlink()
    assert refused(model_path, folder, "depth_pro").hint.count("model.safetensors") == 1


def test_pickled_weights_are_refused(folder):
    put(folder, "zoedepth")
    weights = folder / "zoedepth" / "model.safetensors"
    weights.rename(weights.with_name("pytorch_model.bin"))
    error = refused(model_path, folder, "zoedepth")
    assert error.code == "model_unreadable"
    assert "pytorch_model.bin" in error.message


def test_other_contents_have_another_identity(folder):
    put(folder, "zoedepth", "one")
    first = model_identity(folder, "zoedepth")
    assert model_identity(folder, "zoedepth") == first
    put(folder, "zoedepth", "other")
    assert model_identity(folder, "zoedepth") != first
    put(folder, "zoedepth", "one")
    assert model_identity(folder, "zoedepth") == first


@pytest.mark.parametrize("record", [None, "", "[]", "{}", '{"sha256": 3}', "[" * 100_000])
def test_files_that_nobody_has_accepted_are_not_opened(folder, record, monkeypatch):
    path = put(folder, "depth_pro") / RECORD
    path.unlink()
    if record is not None:
        path.write_text(record)
    assert refused(model_path, folder, "depth_pro").code == "model_changed"
    monkeypatch.setitem(MODELS, "depth_pro", replace(MODELS["depth_pro"], sha256={}))
    assert refused(model_path, folder, "depth_pro").code == "model_unpinned"


def test_what_was_accepted_may_not_change(folder):
    for file in MODELS["zoedepth"].files:
        place = put(folder, "zoedepth")
        (place / file).write_text("else")
        error = refused(model_identity, folder, "zoedepth")
        assert (error.code, file in error.message) == ("model_changed", True)


def test_a_full_disk_costs_no_record(folder):
    resource = pytest.importorskip("resource")
    path = put(folder, "zoedepth")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        assert refused(accept_files, MODELS["zoedepth"], path).code == "disk_full"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert model_path(folder, "zoedepth") == path
    assert sorted(each.name for each in path.iterdir()) == sorted(
        [*MODELS["zoedepth"].files, RECORD]
    )


def test_unknown_models_are_named(folder):
    error = refused(model_path, folder, "midas")
    assert error.code == "model_unknown"
    assert "moge_2" in error.hint


def test_sizes_are_for_people():
    assert [size_text(size) for size in (99_200_000, 1_340_000_000)] == ["99 MB", "1.34 GB"]
