"""Whether a shot of a list must be made again, and how little is read to know it."""

import json

import pytest
from tests.shared.test_annotation_files import SQUARE, coco, entry

from livescape.commands.fingerprints import Fingerprints
from livescape_shared.annotation_files import given


def data_set(**others):
    """Return a data set of three photos; ``others`` are further annotations of one by its name."""
    images = [
        {"id": number, "file_name": f"{name}.jpg", "width": 80, "height": 60}
        for number, name in enumerate("abc")
    ]
    made = [entry([SQUARE], image=number) for number in range(3)]
    made += [entry(values, image="abc".index(name)) for name, values in others.items()]
    return json.dumps(coco(made, images=images)).encode()


@pytest.fixture
def place(tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.jpg").write_bytes(name.encode())
    (tmp_path / "set.json").write_bytes(data_set())
    masks = tmp_path / "masks"
    masks.mkdir()
    for number in range(2):
        (masks / f"{number}.png").write_bytes(bytes([number]))
    return tmp_path


def shots(**files):
    return [{"name": name, "photo": f"{name}.jpg", **files} for name in "abc"]


def prints(place, listed):
    made = Fingerprints(listed, place)
    return [made.of(shot) for shot in listed]


def test_a_data_set_is_parsed_once_for_all_shots(place, monkeypatch):
    parsed = []
    parse = given._data_set
    monkeypatch.setattr(given, "_data_set", lambda data: parsed.append(data) or parse(data))
    listed = shots(mask="set.json", hints="set.json")
    made = Fingerprints(listed, place)
    assert len({made.of(shot) for shot in listed * 2}) == 3
    assert len(parsed) == 1
    (place / "set.json").write_bytes(data_set(b=[[0, 0, 9, 0, 9, 9]]))
    made.of(listed[0])
    assert len(parsed) == 2, "it has changed"


def test_of_a_data_set_only_what_belongs_to_the_photo_counts(place):
    listed = shots(mask="set.json")
    before = prints(place, listed)
    (place / "set.json").write_bytes(data_set(b=[[0, 0, 9, 0, 9, 9]]))
    after = prints(place, listed)
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, True]


@pytest.mark.parametrize(
    "change",
    [
        lambda place: (place / "masks" / "1.png").write_bytes(b"longer"),
        lambda place: (place / "masks" / "2.png").write_bytes(b"new"),
        lambda place: (place / "masks" / "0.png").rename(place / "masks" / "3.png"),
        lambda place: (place / "masks" / "1.png").unlink(),
    ],
)
def test_a_folder_counts_with_its_names_and_its_pictures(place, change):
    listed = shots(mask="masks")
    before = prints(place, listed)
    (place / "masks" / "notes.txt").write_text("of no account")
    assert prints(place, listed) == before
    change(place)
    assert not set(prints(place, listed)) & set(before)


def test_every_file_and_its_role_count(place):
    seen = {prints(place, shots())[0]}
    for name in ("depth", "flow", "clip", "mask", "hints", "camera_path"):
        seen.add(prints(place, shots(**{name: "b.jpg"}))[0])
    (place / "b.jpg").write_bytes(b"other")
    seen.add(prints(place, shots(depth="b.jpg"))[0])
    (place / "b.jpg").unlink()
    seen.add(prints(place, shots(depth="b.jpg"))[0])
    assert len(seen) == 9
    assert prints(place, shots(mask="b.jpg")) == prints(place, shots(mask="b.jpg"))
