"""What uv says of a failure becomes one sentence with a code; a bar is read from its output."""

import pytest

from setting_up.failures import failure_of
from setting_up.output import Arrivals

CASES = [
    (
        "setup_no_network",
        "error: Request failed after 3 retries in 7.0s\n"
        "  cause: Failed to fetch: https://index.example/torch/\n"
        "  cause: error sending request for url\n  cause: client error (Connect)\n"
        "  cause: dns error\n  cause: failed to lookup address information",
    ),
    ("setup_no_network", "error: Failed to fetch: `u`\n  cause: operation timed out"),
    ("setup_no_network", "  cause: tcp connect error\n  cause: Connection refused (os error 111)"),
    ("setup_no_network", "  cause: Network is unreachable (os error 101)"),
    (
        "setup_index_refused",
        "error: Failed to fetch: `https://index.example/tiny/`\n"
        "  cause: HTTP status client error (403 Forbidden) for url",
    ),
    ("setup_index_refused", "  cause: HTTP status server error (503 Service Unavailable) for url"),
    ("setup_index_refused", "  cause: invalid peer certificate: UnknownIssuer"),
    (
        "setup_index_refused",
        "error: Request failed after 3 retries\n  cause: Failed to fetch: `u`\n"
        "  cause: HTTP status client error (407 Proxy Authentication Required) for url",
    ),
    (
        "disk_full",
        "error: Failed to install: torch\n  cause: No space left on device (os error 28)",
    ),
    ("disk_full", "  cause: There is not enough space on the disk. (os error 112)"),
    ("disk_full", "  cause: Disk quota exceeded (os error 122)"),
    ("setup_path_too_long", "  cause: The filename or extension is too long. (os error 206)"),
    ("setup_not_writable", "  cause: Access is denied. (os error 5)"),
    ("setup_not_writable", "  cause: Read-only file system (os error 30)"),
    (
        "setup_python_missing",
        "error: No interpreter found for Python >=3.11, <3.14 in virtual environments, managed "
        "installations, or search path",
    ),
    (
        "setup_python_missing",
        "error: Failed to install cpython-3.13.1\n  cause: Failed to download "
        "https://example/python-build-standalone\n  cause: dns error",
    ),
    (
        "setup_package_missing",
        "  × No solution found when resolving dependencies:\n"
        "  ╰─▶ Because torch was not found in the provided package locations and\n"
        "      livescape[backend]==0.1.0 depends on torch>=2.6, we can conclude",
    ),
    (
        "setup_download_damaged",
        "error: No solution found when resolving dependencies\n"
        "  cause: Because tiny==1.0 has an invalid package format and livescape needs it",
    ),
    ("setup_download_damaged", "  cause: Hash mismatch for `tiny==1.0`"),
    ("setup_download_damaged", "error: Failed to read tiny\n  cause: Invalid zip file structure"),
    ("setup_failed", "Traceback (most recent call last):\nRuntimeError: something else"),
    ("setup_failed", ""),
]


@pytest.mark.parametrize(("code", "said"), CASES)
@pytest.mark.parametrize("is_online", [True, False])
def test_a_failure_has_its_code_one_sentence_and_a_remedy(code, said, is_online):
    error = failure_of(said.splitlines(), is_online=is_online)
    assert error.code == code
    assert error.message.endswith((".", "nothing", "else"))
    assert error.hint
    assert len(error.message) < 240
    assert "\n" not in error.message + error.hint


def test_the_package_that_is_missing_is_named():
    said = next(said for code, said in CASES if code == "setup_package_missing")
    error = failure_of(said.splitlines(), is_online=False)
    assert "(torch)" in error.message
    assert "folder" in error.message


def test_a_bar_goes_on_with_what_arrives_and_never_back():
    arrivals = Arrivals(expected=300 * 2**20)
    seen = []
    for line in (
        "Using Python 3.11.7", "Resolved 3 packages in 465ms", "Downloading torch (200.0MiB)",
        "Downloading numpy (100.0MiB)", " Downloaded numpy", " Downloaded unheard-of",
        " Downloaded torch", "Prepared 3 packages in 12s", "Downloading more (1.0GiB)",
        " Downloaded more", "Installed 3 packages in 597ms",
    ):  # fmt: skip
        arrivals.read(line)
        seen.append(arrivals.fraction)
    assert seen == sorted(seen)
    assert seen[4] == pytest.approx(0.85 / 3, abs=0.01)
    assert seen[6] == pytest.approx(0.85, abs=0.01)
    assert seen[-1] == 1.0
