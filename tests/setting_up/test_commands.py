"""Every command that is run, on every platform; what of the environment reaches it."""

import os
from pathlib import Path

import pytest

from livescape_shared.errors import LivescapeError
from setting_up import commands
from setting_up.commands import Wishes
from setting_up.machine import LINUX, MACOS, WINDOWS, Machine, card_of, check_supported, find_card
from setting_up.place import Place, python_in
from setting_up.plan import plan_for
from setting_up.steps import tree_end

UV, ENV, WHEEL = Path("/b/tools/uv"), Path("/b/env-1a2b"), Path("/e/wheels/livescape-1-any.whl")
LIMITS = Path("/e/bundled/constraints.txt")
ONLINE, OFFLINE = Wishes(True), Wishes(False, Path("/w"))
CARD = "NVIDIA RTX 4090"


@pytest.fixture(autouse=True)
def no_indices(monkeypatch):
    for name in [name for name in os.environ if name.startswith("UV_")]:
        monkeypatch.delenv(name)


def install(machine, wishes):
    return commands.install_backend(UV, ENV, WHEEL, LIMITS, machine, wishes)


@pytest.mark.parametrize(
    ("machine", "wishes", "sources"),
    [
        (Machine(LINUX), ONLINE, ["--torch-backend", "cpu"]),
        (Machine(LINUX, card=CARD), ONLINE, ["--torch-backend", "auto"]),
        (Machine(LINUX, card=CARD), Wishes(True, use_card=False), ["--torch-backend", "cpu"]),
        (Machine(LINUX, is_arm=True), ONLINE, ["--torch-backend", "cpu"]),
        (Machine(WINDOWS), ONLINE, []),
        (Machine(WINDOWS, card=CARD), ONLINE, ["--torch-backend", "auto"]),
        (Machine(WINDOWS, card=CARD), Wishes(True, use_card=False), []),
        (Machine(MACOS, is_arm=True), ONLINE, []),
        (Machine(LINUX), Wishes(True, index="https://i/s"), ["--default-index", "https://i/s"]),
        (Machine(WINDOWS, card=CARD), Wishes(True, index="https://i/s"),
         ["--default-index", "https://i/s"]),
        (Machine(MACOS, is_arm=True), OFFLINE,
         ["--find-links", "/w", "--offline", "--no-index"]),
        (Machine(LINUX, card=CARD), OFFLINE, ["--find-links", "/w", "--offline", "--no-index"]),
    ],
)  # fmt: skip
def test_packages_come_from_where_they_should(machine, wishes, sources):
    command = install(machine, wishes)
    head = [str(UV), "pip", "install", "--python", str(python_in(ENV))]
    limits = ["--only-binary", ":all:", "--constraint", str(LIMITS)]
    assert command == [
        *head, *limits, *sources, f"livescape[backend] @ {WHEEL.as_uri()}"
    ]  # fmt: skip
    card = commands.install_card(UV, ENV, LIMITS, machine, wishes)
    assert card == [*head, *limits, *sources, "gsplat>=1.5.3,<1.6"]


def test_networks_are_an_extra():
    assert install(Machine(LINUX), Wishes(True, networks=True))[-1].startswith(
        "livescape[backend,models] @ file:"
    )


def test_a_torch_in_the_folder_decides_which_torch_and_which_python(tmp_path):
    wishes = Wishes(True, tmp_path)
    (tmp_path / "torch-2.13.0+cpu-cp312-cp312-manylinux_2_28_x86_64.whl").touch()
    (tmp_path / "torchvision-0.30.0-cp311-cp311-win_amd64.whl").touch()
    assert "--torch-backend" not in install(Machine(LINUX), wishes)
    made = commands.make_environment(UV, ENV, wishes)
    assert made[made.index("--python") + 1] == ">=3.12,<3.13"


def test_an_index_of_the_users_own_is_left_alone(monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://studio.example/simple")
    assert "--torch-backend" not in install(Machine(LINUX), ONLINE)


@pytest.mark.parametrize("wishes", [ONLINE, OFFLINE])
def test_the_environment_is_new_and_of_a_python_that_fits(wishes):
    quiet = [] if wishes.is_online else ["--offline", "--no-python-downloads"]
    assert commands.make_environment(UV, ENV, wishes) == [
        str(UV), "venv", "--no-project", "--clear", "--python", ">=3.11,<3.14", *quiet, str(ENV)
    ]  # fmt: skip


def test_nothing_runs_blenders_python():
    made = [
        commands.make_environment(UV, ENV, ONLINE),
        install(Machine(LINUX), ONLINE),
        commands.install_card(UV, ENV, LIMITS, Machine(LINUX), ONLINE),
        commands.remove_card(UV, ENV),
        commands.check(ENV),
        commands.check_card(ENV),
    ]
    assert {command[0] for command in made} == {str(UV), str(python_in(ENV))}


def test_on_windows_the_python_is_a_program_of_scripts(monkeypatch):
    monkeypatch.setattr("setting_up.place.os.name", "nt")
    assert python_in(ENV).parts[-2:] == ("Scripts", "python.exe")


def test_on_windows_the_system_ends_what_a_command_has_started():
    assert tree_end(42) == ["taskkill", "/T", "/F", "/PID", "42"]


SHELL = {
    "PATH": "/usr/bin",
    "HTTPS_PROXY": "http://proxy:3128",
    "SSL_CERT_FILE": "/certs.pem",
    "UV_DEFAULT_INDEX": "https://studio.example/simple",
    "UV_HTTP_TIMEOUT": "90",
    "UV_PYTHON": "3.8",
    "UV_SYSTEM_PYTHON": "1",
    "UV_TARGET": "/elsewhere",
    "PIP_TARGET": "/elsewhere",
    "PYTHONPATH": "/broken",
    "CONDA_PREFIX": "/conda",
    "VIRTUAL_ENV": "/venv",
}


@pytest.mark.parametrize("wishes", [ONLINE, OFFLINE])
def test_what_reaches_the_commands(wishes, tmp_path):
    place = Place(tmp_path)
    found = commands.environment_variables(SHELL, place, wishes)
    kept = {"PATH", "HTTPS_PROXY", "SSL_CERT_FILE", "UV_HTTP_TIMEOUT"}
    kept |= {"UV_DEFAULT_INDEX"} if wishes.is_online else set()
    ours = {"UV_CACHE_DIR", "UV_PYTHON_INSTALL_DIR", "UV_NO_PROGRESS", "NO_COLOR", "PYTHONUTF8"}
    assert set(found) == kept | ours
    assert {found["UV_CACHE_DIR"], found["UV_PYTHON_INSTALL_DIR"]} == {
        str(place.downloads), str(place.pythons)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "card"),
    [
        ("NVIDIA RTX 4090, 550.54.14\n", CARD),
        ("NVIDIA RTX 4090, 550.54.14\nTesla T4, 550.54.14\n", CARD),
        ("Quadro K2000, 470.82\n", ""),
        ("Quadro K2000, 470.82\nNVIDIA RTX 4090, 525.60\n", CARD),
        ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n", ""),
        ("No devices were found\n", ""),
        ("", ""),
    ],
)
def test_a_card_counts_with_a_driver_that_is_new_enough(said, card):
    assert card_of(said) == card


def test_a_driver_that_is_not_there_or_fails_is_no_card(tmp_path):
    assert find_card((str(tmp_path / "none"),)) == ""
    assert find_card(("false",)) == ""
    assert find_card(("echo", "NVIDIA RTX 4090, 550.1")) == CARD


@pytest.mark.parametrize(
    "machine",
    [Machine(MACOS), Machine(WINDOWS, is_arm=True), Machine(MACOS, is_arm=True, release=13)],
)
def test_where_there_is_no_torch_that_is_said(machine):
    with pytest.raises(LivescapeError) as caught:
        check_supported(machine)
    assert caught.value.code == "setup_unsupported"
    assert "Add Server" in caught.value.hint
    new_mac = Machine(MACOS, is_arm=True, release=14)
    for fine in (Machine(LINUX), Machine(LINUX, is_arm=True), Machine(WINDOWS), new_mac):
        check_supported(fine)


def test_what_will_come_is_said_before():
    plain = plan_for(Machine(LINUX), ONLINE)
    card = plan_for(Machine(LINUX, card=CARD), Wishes(True, networks=True))
    assert plain.device == "CPU"
    assert card.device == f"{CARD} with CUDA"
    assert 0 < plain.download < card.download
    assert plain.disk < card.disk
    assert set(plain.licences) < set(card.licences)
    assert any("NVIDIA" in line for line in card.licences)
    assert plan_for(Machine(WINDOWS), OFFLINE).download == 0
    assert "/w" in plan_for(Machine(WINDOWS), OFFLINE).source
