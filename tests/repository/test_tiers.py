"""The quick tier and the count of skips say what they mean."""

from types import SimpleNamespace

import pytest
from tests.repository.paths import ROOT
from tests.skips import sorted_reasons
from tests.tiers import WHOLE_PROGRAMS, last_cases


def case(path, name, original):
    return SimpleNamespace(path=path, name=name, originalname=original)


def test_of_many_cases_the_last_is_kept():
    many = [case("a.py", f"test_x[{number}]", "test_x") for number in range(5)]
    alone, elsewhere = case("a.py", "test_y", "test_y"), case("b.py", "test_x", "test_x")
    assert last_cases([*many, alone, elsewhere]) == [many[4], alone, elsewhere]


@pytest.mark.parametrize("room", sorted(WHOLE_PROGRAMS))
def test_rooms_that_are_left_out_exist(room):
    assert list((ROOT / "tests" / room).glob("test_*.py"))


def test_reasons_are_told_apart():
    wanting, others = sorted_reasons(
        ["needs a CUDA GPU", "could not import 'gsplat'", "this Blender has no curves", "no ps"]
    )
    assert wanting == {"a CUDA GPU": 2, "further Blenders": 1}
    assert others == {"no ps": 1}
