"""Annotations as labelme, COCO and SAM write them, whichever way a shape is kept."""

import json
import tracemalloc

import numpy as np
import pytest

from livescape_shared.annotation_files import kinds
from livescape_shared.annotation_files.given import of_photo, packed_folder, read_given
from livescape_shared.annotation_files.kinds import is_json, parsed, read_annotation
from livescape_shared.annotation_files.labels import meaning
from livescape_shared.annotation_files.rle import read_rle, together
from livescape_shared.errors import LivescapeError
from livescape_shared.json_size import memory_of

HEIGHT, WIDTH = 60, 80
ROWS, COLUMNS = np.indices((HEIGHT, WIDTH))
DISTANCE = np.hypot(ROWS - 30, COLUMNS - 40)
RING = ((DISTANCE <= 20) & (DISTANCE > 9)) | ((ROWS >= 50) & (COLUMNS >= 3) & (COLUMNS <= 70))

PACKED_RING = (
    r"V7:b10000000000000000000000000000000\OGE953EM97EI9;EE9?EA:a0E_O:c0E]O:e0E[O:g0EYO;g0EYO:i0EWO"
    r";7D01I:4M0HL;3O0FM:32:NE4:LE6:JF6:JF6:JF6:IF99HG6:JF6:JF6:JF6:JG4:LG2:OFO0FM;4M0HL<7D01I;i0EWO"
    r"<g0EYO;g0EYO<e0E[O<c0E]O<a0E_O<?EA=;EE=7EI=3EMa0GE9o00000000000000000000Z?"
)

BY_PYCOCOTOOLS = [
    (3, 4, "0<", lambda r, c: r >= 0),
    (3, 4, "<", lambda r, c: r < 0),
    (5, 9, "2320<NE00000001", lambda r, c: (r >= 2) & (c < 2) | (r + c == 8)),
    (60, 80, PACKED_RING, lambda r, c: RING),
    (60, 80, "db1`d1l^1", lambda r, c: (c >= 27) & (c < 55)),
]
"""Height, width, what pycocotools 2.0 packs the mask into, and the mask."""

SQUARE = [10, 10, 50, 10, 50, 40, 10, 40]


def counts_of(mask):
    flat = np.concatenate([[False], mask.T.reshape(-1), [not mask.T.reshape(-1)[-1]]])
    return np.diff(np.concatenate([[0], np.flatnonzero(np.diff(flat))])).tolist()


def rle(mask):
    return {"size": list(mask.shape), "counts": counts_of(mask)}


def code_of(call, *arguments, **options):
    with pytest.raises(LivescapeError) as caught:
        call(*arguments, **options)
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    return caught.value.code


def read(values, photo=None, **options):
    return read_annotation(json.dumps(values).encode(), photo, **options)


@pytest.mark.parametrize(("height", "width", "packed", "covers"), BY_PYCOCOTOOLS)
def test_packed_runs_are_those_of_pycocotools(height, width, packed, covers):
    mask = covers(*np.indices((height, width)))
    found = read_rle({"size": [height, width], "counts": packed})
    np.testing.assert_array_equal(found.mask(), mask)
    assert found.area == mask.sum()
    np.testing.assert_array_equal(read_rle(rle(mask)).mask(), mask)


@pytest.mark.parametrize("seed", range(5))
def test_masks_of_runs_are_united(seed):
    rng = np.random.default_rng(seed)
    masks = [rng.random((7, 11)) < share for share in (0.0, 0.2, 0.5, 0.05)]
    united = together([read_rle(rle(mask)) for mask in masks])
    np.testing.assert_array_equal(united.mask(), np.any(masks, axis=0))


@pytest.mark.parametrize(
    "value",
    [
        {"size": [60, 80], "counts": [4801]},
        {"size": [60, 80], "counts": [-1, 5]},
        {"size": [60, 80], "counts": [1.5, 5]},
        {"size": [60, 80], "counts": [10**30]},
        {"size": [60, 80], "counts": "o"},
        {"size": [60, 80], "counts": "ooooooooo0"},
        {"size": [60, 80], "counts": "\u00e9\u00e9"},
        {"size": [60, 80], "counts": None},
        {"size": [9000, 80], "counts": [5]},
        {"size": [10**9, 10**9], "counts": [5]},
        {"size": [60], "counts": [5]},
        {"size": "60", "counts": [5]},
        {"size": [True, 3], "counts": [3]},
    ],
)
def test_runs_that_fit_no_picture_are_refused(value):
    assert code_of(read_rle, value) == "annotation_invalid"
    assert code_of(read, [value]) == "annotation_invalid"


@pytest.mark.parametrize(
    ("label", "means"),
    [
        ("motion", "motion"), ("Motion 2", "motion"), ("still", "still"), ("hint0", "hint"),
        ("water", "motion"), ("water-other", "motion"), ("sky-other-merged", "motion"),
        ("Body of water", "motion"), ("Clouds", "motion"), ("river_left", "motion"),
        ("waterfall", "motion"), ("sea lion", ""), ("water tower", ""), ("skyscraper", ""),
        ("river bank", ""), ("surfboard", ""), ("person", ""), ("", ""), ("1", ""),
    ],
)  # fmt: skip
def test_what_a_label_means(label, means):
    assert meaning(label) == means


def labelme(*shapes, **others):
    values = {"version": "5.5.0", "flags": {}, "imagePath": "p.jpg", "imageData": None}
    values |= {"imageHeight": 100, "imageWidth": 200, "shapes": list(shapes)}
    return values | others


def shape(kind, points, label="motion", **others):
    return {"label": label, "points": points, "group_id": None, "shape_type": kind} | others


def area(outline):
    x, y = outline.astype(float).T
    return abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2


@pytest.mark.parametrize(
    ("made", "covered"),
    [
        (shape("polygon", [[10, 10], [50, 10], [50, 40]]), 600),
        (shape("rectangle", [[50, 40], [10, 10]]), 1200),
        (shape("rectangle", [[10, 10], [50, 10], [50, 40], [10, 40]]), 1200),
        (shape("circle", [[60, 50], [60, 70]]), np.pi * 400),
        (shape("linestrip", [[10, 10], [50, 10], [50, 40]]), 600),
        ({"label": "motion", "points": [[10, 10], [50, 10], [50, 40]]}, 600),
        ({"label": "water", "points": [[10, 10], [50, 10], [50, 40]], "line_color": None}, 600),
    ],
)
def test_shapes_of_labelme_that_enclose_something(made, covered):
    (outline,) = read(labelme(made)).polygons
    assert area(outline) == pytest.approx(covered, rel=0.01)
    stands = {**made, "label": "still"}
    assert len(read(labelme(stands)).still) == 1


@pytest.mark.parametrize("kind", ["linestrip", "points", None])
def test_a_path_flows_along_its_parts_as_fast_as_it_is_long(kind):
    found = read(labelme(shape(kind, [[10, 10], [40, 10], [40, 30]], "hint")))
    np.testing.assert_allclose(found.starts, [[10, 10], [40, 10]])
    np.testing.assert_allclose(found.motions, [[1, 0], [0, 1]], atol=1e-6)
    assert found.groups.tolist() == [0, 0]
    straight = read(labelme(shape("line", [[10, 10], [60, 10]], "hint")))
    np.testing.assert_allclose(straight.motions, [[1, 0]])


@pytest.mark.parametrize(
    "made",
    [
        shape("point", [[10, 10]]),
        shape("line", [[10, 10], [20, 20]]),
        shape("point", [[10, 10]], "hint"),
        shape("circle", [[10, 10]]),
        shape("mask", [[10, 10], [20, 20]], mask="no picture"),
        shape("mask", [[10, 10], [20, 20]], mask=5),
    ],
)
def test_shapes_that_cover_nothing_are_refused(made):
    assert code_of(read, labelme(made)) == "annotation_invalid"


def test_a_file_without_a_size_is_of_the_photo():
    for others in ({"imageHeight": None, "imageWidth": None}, {}):
        values = labelme(shape("rectangle", [[0, 0], [9, 9]]), **others)
        if not others:
            del values["imageHeight"], values["imageWidth"]
        found = read(values, (640, 480))
        assert (found.width, found.height) == (640, 480)
        assert code_of(read, values) == "annotation_invalid"


def test_text_of_old_code_pages_and_byte_order_marks():
    text = json.dumps(labelme(shape("rectangle", [[0, 0], [9, 9]])), ensure_ascii=False)
    for data in (
        b"\xef\xbb\xbf" + text.encode(),
        text.replace("p.jpg", "\u6c34.jpg").encode("utf-16"),
        text.encode("utf-16-be"),
        b"\xff\xfe" + ("\r\n" + text).encode("utf-16-le"),
        text.encode("utf-32"),
        text.replace("p.jpg", "\u00e9t\u00e9.jpg").encode("cp1252"),
        text.replace("p.jpg", "\u6c34.jpg").encode("gbk"),
    ):
        assert is_json(data)
        assert len(read_annotation(data).polygons) == 1


def coco(annotations, names=("water", "boat"), images=None):
    images = images or [{"id": 7, "file_name": "photo.jpg", "width": WIDTH, "height": HEIGHT}]
    return {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": number, "name": name} for number, name in enumerate(names, 1)],
    }


def entry(segmentation, category=1, image=7, **others):
    return {"image_id": image, "category_id": category, "segmentation": segmentation, **others}


@pytest.mark.parametrize("category", [1, "1"])
def test_coco_polygons_runs_and_boxes(category):
    made = [
        entry([SQUARE, [60, 10, 70, 10, 70, 20]], category),
        entry(rle(RING), category, iscrowd=1),
        entry([], category, bbox=[1, 2, 10, 5]),
        entry([SQUARE], 2),
    ]
    found = read(coco(made))
    assert [area(each) for each in found.polygons] == [1200, 50, 50]
    np.testing.assert_array_equal(found.moving, RING)
    assert (found.width, found.height) == (WIDTH, HEIGHT)
    assert not found.still


def test_of_a_data_set_what_belongs_to_the_photo(tmp_path):
    images = [
        {"id": number, "file_name": f"set\\{name}", "width": WIDTH, "height": HEIGHT}
        for number, name in ((7, "one.jpg"), (8, "Two.JPG"), (9, "three.png"))
    ]
    made = [entry([SQUARE]), entry([[0, 0, 9, 0, 9, 9]], image=8), entry([SQUARE], 2, 9)]
    data = json.dumps(coco(made, images=images)).encode()
    for name in ("two.jpg", "Two.JPG", "two.png"):
        (outline,) = read_annotation(of_photo(data, name)).polygons
        assert area(outline) == 40.5
    path = tmp_path / "set.json"
    for written in (data, data.decode().encode("utf-16")):
        path.write_bytes(written)
        assert read_given(path, "one.jpg") == of_photo(data, "one.jpg")
    assert code_of(read_annotation, of_photo(data, "four.jpg"), (WIDTH, HEIGHT)) == (
        "annotation_invalid"
    )
    with pytest.raises(LivescapeError, match="labels are boat"):
        read_annotation(of_photo(data, "three.png"))
    images[0]["width"] = 99
    assert len(read(coco(made, images=images), (99, HEIGHT)).polygons) == 1


def test_one_label_is_enough_for_a_mask_and_not_for_hints():
    made = coco([entry([SQUARE], 1)], names=["objects"])
    assert len(read(made, as_mask=True).polygons) == 1
    assert code_of(read, made) == "annotation_empty"
    two = coco([entry([SQUARE], 1), entry([SQUARE], 2)], names=["person", "tree"])
    with pytest.raises(LivescapeError, match="labels are person, tree"):
        read(two, as_mask=True)
    assert code_of(read, labelme(shape("rectangle", [[0, 0], [9, 9]], "x"))) == "annotation_empty"


AUTOMATIC = {"crop_box": [0, 0, 80, 60], "stability_score": 0.99}


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda one: one,
        lambda one: [one],
        lambda one: [{"segmentation": one, "area": 5}],
        lambda one: {"masks": [one], "scores": [0.9]},
        lambda one: {"0": {"1": one}},
        lambda one: {"image": {"width": WIDTH, "height": HEIGHT},
                     "annotations": [{"segmentation": one}]},
        lambda one: {"img_width": WIDTH, "img_height": HEIGHT,
                     "annotations": [{"class_name": "water", "segmentation": one}]},
    ],
)  # fmt: skip
@pytest.mark.parametrize("kept", [rle, lambda mask: mask.tolist(), lambda m: (m * 1).tolist()])
def test_masks_of_sam_move(wrapped, kept):
    made = wrapped(kept(RING))
    found = read(made)
    np.testing.assert_array_equal(found.moving, RING)


def test_segments_of_a_whole_picture_say_nothing_by_themselves():
    left = COLUMNS < 30
    made = [{"segmentation": rle(each), **AUTOMATIC} for each in (RING, left, ~left)]
    found = read(made)
    assert not found.says_what_moves
    wanted = np.where(RING, 3, np.where(left, 2, 1)) if RING.sum() < left.sum() else None
    assert wanted is not None
    np.testing.assert_array_equal(found.segments, wanted)
    named = [{**each, "label": name} for each, name in zip(made, "abc", strict=True)]
    named[0]["label"] = "water"
    np.testing.assert_array_equal(read(named).moving, RING)


def test_segments_without_end_are_refused_before_they_are_painted():
    whole = {"size": [8192, 8192], "counts": [0, 8192 * 8192]}
    made = [{"segmentation": whole, **AUTOMATIC}] * 9
    assert code_of(read, made) == "annotation_invalid"
    assert code_of(read, [whole] * 10_001) == "annotation_invalid"
    other = {"size": [60, 80], "counts": [4, 9]}
    assert code_of(read, [other, {**other, "size": [80, 60]}]) == "annotation_invalid"


@pytest.mark.parametrize("values", [{}, [], 5, "text", [[1, 2], [3]], {"a": 1}, [{"x": 1}]])
def test_what_is_no_annotation_is_refused(values):
    assert code_of(read, values) == "annotation_invalid"


def test_a_folder_of_masks_is_sent_as_one_file(tmp_path):
    assert code_of(packed_folder, tmp_path) == "input_unreadable"
    (tmp_path / "notes.txt").write_text("no mask")
    (tmp_path / ".hidden.png").write_bytes(b"x")
    (tmp_path / "metadata.csv").write_text("id,area\n")
    assert code_of(read_given, tmp_path, "p.jpg") == "input_unreadable"
    (tmp_path / "0.PNG").write_bytes(b"mask")
    data = read_given(tmp_path, "p.jpg")
    assert data.startswith(b"PK")
    assert data == packed_folder(tmp_path)
    assert b"hidden" not in data
    assert b"notes" not in data
    assert code_of(read_given, tmp_path / "none", "p.jpg") == "input_unreadable"


@pytest.mark.parametrize("inner", ['{"size": [4, 4], "counts": [1, 2]}', "[[0, 1], [1, 0]]"])
def test_an_annotation_nested_without_end_is_refused(inner):
    with pytest.raises(LivescapeError) as caught:
        read_annotation(('{"a": ' * 900 + inner + "}" * 900).encode(), (100, 100))
    assert caught.value.code == "annotation_invalid"


def test_labels_that_are_no_text_can_be_shown():
    shapes = [{"label": "\ud800 bird", "points": []}]
    values = {"shapes": shapes, "imageWidth": 100, "imageHeight": 100}
    with pytest.raises(LivescapeError) as caught:
        read_annotation(json.dumps(values).encode())
    assert (caught.value.code, b"? bird" in str(caught.value).encode()) == (
        "annotation_empty",
        True,
    )


@pytest.mark.parametrize(
    "value",
    [
        [[]] * 20_000, [{}] * 20_000, [[[[[]]]]] * 5_000, [{"a": 0}] * 20_000, [1.5] * 40_000,
        [999] * 40_000, [0] * 60_000, [1.0] * 40_000, [f"{n:04}" for n in range(30_000)],
        {str(n): n for n in range(20_000)}, [[1.5, 2.5]] * 15_000, ["\u4e00"] * 20_000,
        [10**30 + 1] * 20_000,
    ],
)  # fmt: skip
def test_memory_is_known_before_a_file_is_parsed(value, monkeypatch):
    data = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    tracemalloc.start()
    try:
        parsed(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert memory_of(data) > 0.8 * peak
    monkeypatch.setattr(kinds, "MOST_BYTES", memory_of(data) - 1)
    with pytest.raises(LivescapeError, match="far too large") as caught:
        read_annotation(data)
    assert caught.value.code == "annotation_invalid"
