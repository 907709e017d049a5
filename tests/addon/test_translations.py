"""German is complete: every text that the add-on shows has a translation with the same gaps."""

import importlib.util
import re
import sys
from collections import Counter
from types import ModuleType

import pytest
from tests.addon.shown_words import ADDON, NAMES, PARTS, shown, shown_in

ROOM = ADDON / "translations"
GAP = re.compile(r"\{\d+\}")


def load(name):
    """A module of the room, which needs no Blender but for its package."""
    package = sys.modules.setdefault("words_room", ModuleType("words_room"))
    package.__path__ = [str(ROOM)]
    path = ROOM / name.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    spec = importlib.util.spec_from_file_location(f"words_room.{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


templates = load("templates")
german = load("german")
WORDS = german.WORDS
TEMPLATES = templates.Templates(WORDS)


def said(text):
    return TEMPLATES.translated(text, lambda each: WORDS.get(each, each))


def pattern(text):
    return re.compile(".*".join(map(re.escape, GAP.split(text))), re.DOTALL)


def is_translated(text):
    """Whether a text, or the whole that a template makes, is a key."""
    if text in WORDS or text[:1].upper() + text[1:] in WORDS:
        return True
    return bool(GAP.search(text)) and any(map(pattern(text).fullmatch, WORDS))


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("translations.py", tmp_path_factory.mktemp("translations"))


def test_every_text_in_the_source_is_translated():
    found = shown()
    assert len(found) > 500
    missing = [each for each in found if not is_translated(each[2])]
    assert [each for each in missing if each[2] not in NAMES | PARTS] == []


def test_no_report_or_refusal_is_left_in_english():
    bare = re.compile(r"(?:poll_message_set\(|report\(\{[^{}]*\}, )(?:f?\"|str\()")
    for path in sorted((ADDON / "operators").glob("*.py")):
        assert not bare.findall(path.read_text("utf-8")), path.name


def test_parts_are_parts_of_something_translated():
    for part in PARTS:
        assert any(map(pattern(part.strip()).search, WORDS)), part
    texts = {text for _, _, text in shown()}
    assert (NAMES | PARTS) - texts == set(), "no longer in the source"


def test_texts_are_found_in_every_form():
    source = (
        '"""Not this one."""\n'
        "def f(a, width):\n    '''Nor this.'''\n"
        '    LOGGER.warning("no word of this %s", a)\n'
        '    report(f"The {a.name} is {width:.{a}f} wide " "at most")\n'
        '    other("one")\n    re.compile("no pattern")\n    return "two words"\n'
    )
    assert {text for _, text in shown_in(source)} == {"The {0} is {1} wide at most", "two words"}


def test_everything_registered_is_translated(result):
    texts = result["texts"]
    assert len(texts) > 400
    assert [each for each in texts if each[1] not in WORDS] == []


def test_words_of_ours_have_a_context_of_their_own(result):
    by_blender = {
        "LIVESCAPE_OT_add_preset.name",
        "LIVESCAPE_OT_export_camera_path.filepath",
        "LIVESCAPE_OT_export_splats.filepath",
    }
    assert set(result["foreign"]) <= by_blender


def test_gaps_are_the_same():
    for english, told in WORDS.items():
        assert Counter(GAP.findall(english)) == Counter(GAP.findall(told)), english
    assert [key for key in WORDS if "{}" in key or "{}" in WORDS[key]] == []


def test_german_ends_as_english_does():
    for english, told in WORDS.items():
        assert told.strip() or not english.strip(), english
        assert english.endswith(".") == told.endswith("."), english
        assert (english[:1] in " ;,") == (told[:1] in " ;,"), english


def test_nothing_is_translated_twice():
    rooms = [load(f"german.{path.stem}") for path in sorted((ROOM / "german").glob("[a-z]*.py"))]
    counts = Counter(key for room in rooms for key in room.WORDS)
    assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize(
    ("english", "told"),
    [
        ("The photo lake.png does not exist.", "Das Foto lake.png gibt es nicht."),
        # An error and its hint, as a report says them
        (
            "The photo a. b.png does not exist. Choose a PNG, JPEG, TIFF or WebP file.",
            "Das Foto a. b.png gibt es nicht. Eine PNG-, JPEG-, TIFF- oder WebP-Datei auswählen.",
        ),
        # Several errors in one
        (
            "Not everything is there. No photo is chosen. The scene has no camera.",
            "Es ist nicht alles da. Es ist kein Foto ausgewählt. Die Szene hat keine Kamera.",
        ),
        # A gap that is filled with words, and one that is filled with a name
        (
            "The move of Camera cannot be scaled: it is moved by a driver of Photo.",
            "Die Fahrt von Camera lässt sich nicht skalieren: "
            "sie wird durch einen Treiber von Photo bewegt.",
        ),
        (
            "The depth file d.exr cannot be read: there is no such file.",
            "Die Datei d.exr (Tiefe) kann nicht gelesen werden: es gibt sie nicht.",
        ),
        ("Ready: CPU, 3.2 GB free", "Bereit: CPU, 3.2 GB frei"),
        ("Ready: running, 3.2 GB free", "Bereit: läuft, 3.2 GB frei"),
        ("Ready: Tesla, CPU, 3.2 GB free", "Bereit: Tesla, CPU, 3.2 GB frei"),
        # What a newer server says
        ("The sea is too wide. Generate again.", "The sea is too wide. Neu generieren."),
    ],
)
def test_sentences_are_said_in_german_with_their_values(english, told):
    assert said(english) == told


def test_blender_says_it(result):
    says = result["said"]
    assert says["unknown"] == "Nobody has translated this"
    if not result["has_languages"]:  # as in Blender's Python module
        assert says["iface"] == "Rig, frames 1 to 48"
        return
    assert says["iface"] == "Rig, Frames 1 bis 48"
    assert says["move"] in (["Fahrt", "Move"], ["Fahrt", "Bewegen"], ["Fahrt", "Verschieben"])
    assert says["rpt"] == "Eine Szene wird gerade generiert"
    assert says["tip"].startswith("Das Foto lake.png gibt es nicht. Eine PNG-")
