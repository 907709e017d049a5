"""Everything that an artist can set has a plain name and a sentence that says what it does."""

from dataclasses import fields

import pytest

from livescape_shared import setting_words as words
from livescape_shared.settings import CHOICES, GenerateSettings

NAMES = [field.name for field in fields(GenerateSettings)]
CHOSEN = [(name, value) for name, values in CHOICES.items() for value in values]


def test_every_setting_is_in_one_group_and_has_words():
    grouped = [name for group in words.GROUPS for name in group.settings]
    assert sorted(grouped) == sorted(NAMES) == sorted(words.SETTINGS)


def test_every_choice_has_words_and_nothing_else_has():
    told = [(name, value) for name, values in words.CHOICES.items() for value in values]
    assert sorted(told) == sorted(CHOSEN)


@pytest.mark.parametrize(
    "each", [*words.SETTINGS.values(), *(w for v in words.CHOICES.values() for w in v.values())]
)
def test_names_are_titles_and_sentences_end_without_a_full_stop(each):
    assert each.name[0].isupper() or each.name[0].isdigit()
    assert each.what[0].isupper()
    assert len(each.what) > 15
    assert not each.what.endswith(".")
    assert "_" not in each.name
    assert "``" not in each.what


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_setting_fits_beside_its_value(name):
    assert len(words.SETTINGS[name].name) <= 14


@pytest.mark.parametrize("name", CHOICES)
def test_no_two_choices_of_a_setting_are_called_the_same(name):
    names = [each.name for each in words.CHOICES[name].values()]
    assert len(set(names)) == len(names)
