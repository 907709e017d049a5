"""The page of what is kept in which version is of the rows that are walked now."""

import pytest
from tests.addon import version_matrix
from tests.addon.version_matrix import FILES, PAGE, REST, ROOT, targets

ROWS = (*FILES, *REST)


@pytest.mark.parametrize("test", sorted({test for _, _, *tests in ROWS for test in tests}))
def test_every_row_names_tests_that_exist(test):
    file, function = targets(test)
    assert f"\ndef {function or 'test_'}" in (ROOT / file).read_text("utf-8")


def test_the_page_has_these_rows_and_all_are_kept():
    lines = PAGE.read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| |")]
    versions = len(lines[lines.index("## Files") + 2].split("|")) - 5
    wanted = version_matrix.page({str(index): {} for index in range(versions)}).splitlines()
    without = [line.replace(" no |", " yes |") for line in wanted if line.startswith("| ")]
    assert rows == [line for line in without if not line.startswith("| |")]


def test_the_worst_of_a_rows_tests_counts():
    every = {test: "yes" for _, _, *tests in ROWS for test in tests}
    spoilt = every | {FILES[0][2]: "no"}
    said = version_matrix.page({"4.5.15": every, "5.2.3": spoilt}).splitlines()
    assert f"| {FILES[0][0]} | {FILES[0][1]} | yes | no |" in "\n".join(said)
    assert sum("| no |" in line for line in said) == sum(FILES[0][2] in row for row in ROWS)
