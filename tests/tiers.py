"""The quick tier: a cross-section of the tests for while one works, ``pytest --quick``.

Which tests are in it follows from where they stand and what they ask for, never from a mark:

* rooms that start a Blender, a server or a whole generation are left out;
* of a test with many cases the last runs;
* a test that opens a socket in spite of that fails.
"""

import socket

import pytest

WHOLE_PROGRAMS = {
    "addon",
    "commands",
    "gpu",
    "models",
    "motion_networks",
    "pipeline",
    "server",
    "setting_up",
}
"""Rooms whose tests run Blender, sockets, whole networks or whole generations."""


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="run the quick tier only, see tiers.py")


def pytest_ignore_collect(collection_path, config):
    tests = config.rootpath / "tests"
    if config.getoption("--quick") and collection_path.parent == tests:
        return collection_path.name in WHOLE_PROGRAMS or None
    return None


def last_cases(items):
    """Return the last case of each test, in their order."""
    cases = {(item.path, getattr(item, "originalname", item.name)): item for item in items}
    kept = {id(case) for case in cases.values()}
    return [item for item in items if id(item) in kept]


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--quick"):
        return
    kept = last_cases(items)
    chosen = {id(item) for item in kept}
    config.hook.pytest_deselected(items=[item for item in items if id(item) not in chosen])
    items[:] = kept


class SocketOpenedError(AssertionError):
    """A test of the quick tier opened a socket."""


@pytest.fixture(scope="session", autouse=True)
def no_sockets(request):
    """In the quick tier, opening a network socket fails."""
    if not request.config.getoption("--quick"):
        yield
        return

    def refuse(*_):
        raise SocketOpenedError("the quick tier opens no sockets: move the test, or see tiers.py")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket.socket, "bind", refuse)
        yield
