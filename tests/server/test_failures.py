"""A backend that cannot be loaded says what is missing, and what to do about it."""

import pytest
from tests.server.harness import connect, follow, is_finished, make_request

from livescape.server.computing import load_job
from livescape.server.failures import exit_text, job_failure, load_failure
from livescape_shared.errors import LivescapeError

IMPOSSIBLE = "tests.server.broken_backends"


def load_error(name):
    with pytest.raises(LivescapeError) as caught:
        load_job(f"{IMPOSSIBLE}.{name}:generate")
    return caught.value


@pytest.mark.parametrize(
    ("name", "code", "named", "advice"),
    [
        ("without_package", "backend_incomplete", "no_such_package_of_anyone", "pip install"),
        ("without_library", "system_library_missing", "libno_such_library.so.7", "package of your"),
        ("with_fault", "backend_broken", "KeyError", "--force-reinstall"),
        ("with_old_package", "backend_broken", "no_such_name", "--force-reinstall"),
        ("without_jobs", "backend_broken", "generate", "--force-reinstall"),
        ("that_is_not_there", "backend_incomplete", "that_is_not_there", "pip install"),
    ],
)
def test_what_is_missing_is_named(name, code, named, advice):
    error = load_error(name)
    assert (error.code, error.stage) == (code, "load")
    assert named in error.message
    assert "memory" not in str(error)
    assert advice in error.hint


@pytest.mark.parametrize(
    ("error", "library"),
    [
        (ImportError("libGL.so.1: cannot open shared object file: No such file"), "libGL.so.1"),
        (OSError("libgomp-3bc.so.1.0: cannot open shared object file"), "libgomp-3bc.so.1.0"),
        (ImportError("dlopen(x.so, 2): Library not loaded: @rpath/libomp.dylib"), "libomp.dylib"),
        (
            OSError(
                '[WinError 126] The specified module could not be found. Error loading '
                '"C:\\venv\\torch\\lib\\fbgemm.dll" or one of its dependencies.'
            ),
            "fbgemm.dll",
        ),
        (FileNotFoundError("Could not find module 'C:\\x\\gsplat.dll' (or one"), "gsplat.dll"),
        (ImportError("DLL load failed while importing cv2: The specified module"), "cv2"),
    ],
)  # fmt: skip
def test_every_systems_words_for_a_missing_library_are_known(error, library):
    told = load_failure(error)
    assert told.code == "system_library_missing"
    assert f"library {library} is" in told.message


def test_a_backend_that_does_not_fit_into_memory_says_so():
    assert load_failure(MemoryError()).code == "out_of_memory"


@pytest.mark.parametrize(
    ("backend", "code", "words"),
    [
        ("without_library", "system_library_missing", "libno_such_library.so.7"),
        ("that_is_killed", "backend_broken", "SIGKILL"),
        ("that_leaves", "backend_broken", "exit code 7"),
    ],
)
def test_clients_are_told_and_the_server_lives(start, backend, code, words):
    server = start("--job", f"{IMPOSSIBLE}.{backend}:generate")
    with connect(server) as client:
        for number in range(2):
            client.submit(make_request(f"count#{number}"))
            error = follow(client, is_finished)[-1].error
            assert (error.code, error.stage) == (code, "load")
            assert words in error.message
    assert server.stop() == 0


@pytest.mark.parametrize(
    ("error", "code", "foreseen"),
    [
        (MemoryError(), "out_of_memory", True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "out_of_memory", True),
        (OSError(28, "No space left on device", "/x"), "disk_full", True),
        (LivescapeError("depth_failed", "x"), "depth_failed", True),
        (OSError(5, "Input/output error"), "job_crashed", False),
        (RuntimeError("shapes differ"), "job_crashed", False),
    ],
)
def test_what_a_job_raises_is_explained(error, code, foreseen):
    told, known = job_failure(error)
    assert (told.code, known) == (code, foreseen)


@pytest.mark.parametrize(
    ("exit_code", "text"),
    [(0, "exit code 0"), (3, "exit code 3"), (-11, "signal SIGSEGV"), (-99, "signal 99")],
)
def test_ends_of_processes_have_names(exit_code, text):
    assert exit_text(exit_code) == text
