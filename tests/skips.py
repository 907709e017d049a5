"""The last lines of a run: how many tests were skipped, and for want of what."""

import re
from collections import Counter

EXPECTED = (
    ("a CUDA GPU", re.compile("CUDA|gsplat"), "run `pytest tests/gpu` where there is one"),
    ("a graphics card for EEVEE", re.compile("EEVEE"), "set LIVESCAPE_TEST_EEVEE=1"),
    ("further Blenders", re.compile("this Blender has no|one Blender only"), "make blenders"),
    ("network namespaces", re.compile("network namespaces"), "run as root, with iproute2"),
    (
        "a browser and the viewer of pages",
        re.compile("no Chromium"),
        "install chromium, run `livescape viewer`",
    ),
    ("a C compiler", re.compile("no C compiler"), "install one, as cc"),
    ("IPv6", re.compile("no IPv6"), "turn it on for the loopback interface"),
)  # fmt: skip
"""What a plain machine lacks, how reasons speak of it, and what to do."""


def pytest_addoption(parser):
    parser.addoption(
        "--only-expected-skips",
        action="store_true",
        help="fail the run if a test is skipped that a plain Linux machine should run",
    )


def sorted_reasons(reasons):
    """Return how many reasons speak of each expected want, and the reasons that speak of none."""
    wanting, others = Counter(), Counter()
    for reason in reasons:
        named = next((name for name, pattern, _ in EXPECTED if pattern.search(reason)), None)
        if named:
            wanting[named] += 1
        else:
            others[reason] += 1
    return wanting, others


def _reasons(terminalreporter):
    for report in terminalreporter.stats.get("skipped", ()):
        *_, reason = report.longrepr if isinstance(report.longrepr, tuple) else (report.longrepr,)
        yield str(reason).removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter):
    wanting, others = sorted_reasons(_reasons(terminalreporter))
    if not wanting and not others:
        return
    terminalreporter.section(f"{wanting.total() + others.total()} skipped")
    for name, _, advice in EXPECTED:
        if wanting[name]:
            terminalreporter.line(f"{wanting[name]:4} for want of {name} ({advice})")
    for reason, count in others.most_common():
        terminalreporter.line(f"{count:4} for another reason: {reason}")


def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and session.config.getoption("--only-expected-skips"):
        _, others = sorted_reasons(_reasons(reporter))
        if others and session.exitstatus == 0:
            session.exitstatus = 1
