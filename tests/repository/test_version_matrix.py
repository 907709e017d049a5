"""The page of what is kept in which version is of the rows that are walked now."""

import pytest
from tests.addon import version_matrix
from tests.addon.version_matrix import FILES, PAGE, REST, ROOT, targets

ROWS = (*FILES, *REST)


@pytest.mark.parametrize("test", sorted({test for _, _, *tests in ROWS for test in tests}))
def test_every_row_names_tests_that_exist(test):
    file, function = targets(test)
    assert f"\ndef {function or 'test_'}" in (ROOT / file).read_text("utf-8")


def rows_in(page):
    """Return the cells of each row that is no heading."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return [[*map(str.strip, line.split("|"))][1:-1] for line in lines if line[:3] != "| |"]


def test_the_page_has_these_rows_and_none_is_lost_anywhere():
    found = rows_in(PAGE.read_text("utf-8"))
    wanted = rows_in(version_matrix.page({}))
    assert [[*row[:2], row[-1]] for row in found] == [[*row[:2], row[-1]] for row in wanted]
    assert {cell for row in found for cell in row[2:-1]} <= {"yes", "not run"}


def test_the_worst_of_a_rows_tests_counts():
    every = {test: "yes" for _, _, *tests in ROWS for test in tests}
    spoilt = every | {FILES[0][2]: "no"}
    said = version_matrix.page({"4.5.15": every, "5.2.3": spoilt}).splitlines()
    assert f"| {FILES[0][0]} | {FILES[0][1]} | yes | no |" in "\n".join(said)
    assert sum("| no |" in line for line in said) == sum(FILES[0][2] in row for row in ROWS)
