"""Fetching models from a hub on loopback, by function and by command line."""

import hashlib
import io
import json
import re
import socket
import subprocess
import sys
from dataclasses import replace

import pytest
from tests.models.hub import CERTIFICATE, COMMIT, serving

from livescape.commands.main import main
from livescape.context.environment import MODELS as VARIABLE
from livescape.networks.fetch import fetch_model
from livescape.networks.pins import RECORD, unpinned
from livescape.networks.registry import MODELS
from livescape.networks.store import model_path
from livescape_shared.errors import LivescapeError

NAME = "depth_anything_v2"
CARD = MODELS[NAME]
FILES = {name: f"contents of {name}".encode() * 1000 for name in CARD.files}
HASHES = {name: hashlib.sha256(contents).hexdigest() for name, contents in FILES.items()}
WEIGHTS = "model.safetensors"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "models"))
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setitem(MODELS, NAME, replace(CARD, sha256=HASHES))
    return tmp_path / "models"


@pytest.fixture
def unknown(folder, monkeypatch):
    """The hash of the weights is not known."""
    known = {"config.json": HASHES["config.json"]}
    monkeypatch.setitem(MODELS, NAME, replace(CARD, sha256=known))
    return folder


def refused(folder, **options):
    with pytest.raises(LivescapeError) as caught:
        fetch_model(folder, NAME, **options)
    return caught.value


FRESH = """
import sys
from dataclasses import replace
from livescape.networks import registry
card = registry.MODELS[sys.argv[1]]
hashes = dict(pair.split("=") for pair in sys.argv[3:])
registry.MODELS[card.name] = replace(card, sha256=hashes)
from livescape.commands.main import main
raise SystemExit(main(["models", "fetch", card.name, "--yes", "--endpoint", sys.argv[2]]))
"""


def test_a_fresh_process_that_has_imported_nothing_else_fetches_it(folder):
    """As the command line and the add-on do; here, tests have imported what it needs."""
    hashes = [f"{name}={digest}" for name, digest in HASHES.items()]
    with serving(CARD.source, FILES) as (address, _):
        command = [sys.executable, "-c", FRESH, NAME, address, *hashes]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert model_path(folder, NAME) == folder / NAME


def test_a_model_arrives_whole_with_a_record_of_its_commit(folder):
    with serving(CARD.source, FILES) as (address, asked):
        assert fetch_model(folder, NAME, endpoint=address) == folder / NAME
        before = len(asked)
        fetch_model(folder, NAME, endpoint=address)
        assert len(asked) == before
    assert model_path(folder, NAME) == folder / NAME
    for name, contents in FILES.items():
        assert (folder / NAME / name).read_bytes() == contents
    record = json.loads((folder / NAME / RECORD).read_text())
    assert (record["revision"], record["licence"]) == (COMMIT, "Apache-2.0")
    assert record["files"] == {name: len(contents) for name, contents in FILES.items()}
    assert record["sha256"] == HASHES
    assert sorted(path.name for path in folder.iterdir()) == [NAME]
    assert sorted(path.name for path in (folder / NAME).iterdir()) == sorted([*FILES, RECORD])


def test_a_broken_download_leaves_nothing_and_the_next_one_mends_it(folder):
    with serving(CARD.source, {"config.json": FILES["config.json"]}) as (address, _):
        error = refused(folder, endpoint=address)
    assert (error.code, error.retryable) == ("model_fetch_failed", True)
    assert list(folder.iterdir()) == []
    with serving(CARD.source, FILES, cut=100) as (address, _):
        assert refused(folder, endpoint=address).code == "model_fetch_failed"
    assert list(folder.iterdir()) == []
    (folder / NAME).mkdir()
    (folder / NAME / "config.json").write_text("old and alone")
    with serving(CARD.source, FILES) as (address, _):
        fetch_model(folder, NAME, endpoint=address)
    assert (folder / NAME / "config.json").read_bytes() == FILES["config.json"]


def test_nobody_is_told_who_asks(folder, monkeypatch):
    for way in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.setenv(way, "hf_secret")
    with serving(CARD.source, FILES) as (address, asked):
        fetch_model(folder, NAME, endpoint=address)
    assert asked
    assert "secret" not in repr(asked)
    assert all("authorization" not in map(str.lower, headers) for *_, headers in asked)


@pytest.mark.parametrize(
    "address",
    ["http://localhost:1", "http://huggingface.co", "ftp://x", "x", "https://", "file:///"],
)
def test_other_addresses_than_https_are_not_asked(folder, address):
    assert refused(folder, endpoint=address).code == "model_address_unsafe"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "place", ["localhost:{}", "127.0.0.2:{}", "[::1]:{}", "10.0.0.1", "169.254.169.254"]
)
def test_no_redirect_to_a_local_address_is_followed(folder, scheme, place):
    with serving("other", FILES) as (other, asked):
        target = f"{scheme}://{place.format(other.rpartition(':')[2])}/"
        with serving(CARD.source, FILES, redirect=target) as (address, _):
            assert refused(folder, endpoint=address).code == "model_address_unsafe"
        assert asked == []
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", CARD.files)
def test_a_file_of_another_content_is_refused(folder, name):
    with serving(CARD.source, FILES, swapped=[name]) as (address, _):
        error = refused(folder, endpoint=address)
    assert error.code == "model_fetch_failed"
    assert name in error.message
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", CARD.files)
def test_a_hub_that_describes_another_file_than_the_known_one_is_not_believed(folder, name):
    others = {**FILES, name: b"another file, truly described"}
    with serving(CARD.source, others) as (address, _):
        error = refused(folder, endpoint=address, accept_unpinned=True)
    assert error.code == "model_fetch_failed"
    assert name in error.message
    assert HASHES[name][:12] in error.message
    assert list(folder.iterdir()) == []


def test_weights_of_unknown_hash_come_only_with_consent_and_are_pinned_then(unknown):
    with serving(CARD.source, FILES) as (address, asked):
        error = refused(unknown, endpoint=address)
        assert asked == []
        assert error.code == "model_unpinned"
        assert "--accept-unpinned" in error.hint
        fetch_model(unknown, NAME, endpoint=address, accept_unpinned=True)
    assert model_path(unknown, NAME) == unknown / NAME
    (unknown / NAME / WEIGHTS).write_bytes(b"another file")
    with pytest.raises(LivescapeError) as caught:
        model_path(unknown, NAME)
    assert caught.value.code == "model_changed"


@pytest.mark.parametrize("right", [True, False])
def test_a_hash_that_the_user_states_pins_the_weights(unknown, right):
    stated = {WEIGHTS: HASHES[WEIGHTS].upper() if right else "0" * 64}
    with serving(CARD.source, FILES) as (address, _):
        if right:
            fetch_model(unknown, NAME, endpoint=address, stated=stated)
            assert model_path(unknown, NAME) == unknown / NAME
        else:
            error = refused(unknown, endpoint=address, stated=stated)
            assert (error.code, WEIGHTS in error.message) == ("model_fetch_failed", True)
            assert list(unknown.iterdir()) == []


def test_the_command_passes_consent_and_hashes_on(unknown, capsys):
    with serving(CARD.source, FILES) as (address, _):
        command = ["models", "fetch", NAME, "--yes", "--endpoint", address]
        assert main(command) == 2
        assert "model_unpinned" in capsys.readouterr().err
        with pytest.raises(SystemExit):
            main([*command, "--sha256", f"{WEIGHTS}=short"])
        assert main([*command, "--sha256", f"{WEIGHTS}={HASHES[WEIGHTS]}"]) == 0


def test_files_of_ones_own_are_accepted_by_command(folder, monkeypatch, capsys):
    assert main(["models", "accept", NAME, "--yes"]) == 2
    assert "model_missing" in capsys.readouterr().err
    (folder / NAME).mkdir(parents=True)
    for name in CARD.files:
        (folder / NAME / name).write_text("my own")
    with pytest.raises(LivescapeError) as caught:
        model_path(folder, NAME)
    assert caught.value.code == "model_changed"
    assert f"livescape models accept {NAME}" in caught.value.hint
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert main(["models", "accept", NAME]) == 1
    shown = capsys.readouterr().out
    assert hashlib.sha256(b"my own").hexdigest() in shown
    assert main(["models", "accept", NAME, "--yes"]) == 0
    assert model_path(folder, NAME) == folder / NAME


def test_every_network_is_pinned():
    for card in MODELS.values():
        assert not unpinned(card)
        assert set(card.sha256) <= set(card.files)
        assert all(re.fullmatch("[0-9a-f]{64}", each) for each in card.sha256.values())
        assert re.fullmatch("[0-9a-f]{40}", card.revision)


def test_without_a_hub_there_is_a_sentence(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        error = refused(folder, endpoint=f"https://127.0.0.1:{taken.getsockname()[1]}")
    assert error.code == "model_fetch_failed"
    assert CARD.source in error.message


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_means_offline(folder, monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    with serving(CARD.source, FILES) as (address, asked):
        error = refused(folder, endpoint=address)
        assert asked == []
    assert error.code == "offline"
    assert variable in error.message
    assert str(folder / NAME) in error.hint


def test_the_command_shows_licence_and_size_and_asks(folder, monkeypatch, capsys):
    with serving(CARD.source, FILES) as (address, asked):
        command = ["models", "fetch", NAME, "--endpoint", address]
        monkeypatch.setattr("sys.stdin", io.StringIO())
        assert main(command) == 1
        shown = capsys.readouterr().out
        assert "Licence Apache-2.0, 99 MB." in shown
        assert "Nothing was fetched." in shown
        assert asked == []
        assert main([*command, "--yes"]) == 0
        assert main(command) == 0
    assert "already in" in capsys.readouterr().out


def test_the_list_says_what_is_there(folder, capsys):
    for name in CARD.files:
        (folder / NAME).mkdir(parents=True, exist_ok=True)
        (folder / NAME / name).write_text("x")
    assert main(["models"]) == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line}
    assert rows[NAME].endswith("yes")
    assert rows["depth_pro"].endswith("no")
    assert set(MODELS) < set(rows)
    assert main(["models", "fetch", "midas"]) == 2
    assert "model_unknown" in capsys.readouterr().err
