"""What moves, as segmentation programs write it: arrays, folders, JSON, at the product's door."""

import base64
import io
import json
import zipfile
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.pipeline.support import HEIGHT, WIDTH, png, request
from tests.pipeline.test_inputs import layout
from tests.shared.test_annotation_files import AUTOMATIC, coco, entry, labelme, rle, shape

from livescape.imaging import decode
from livescape.motion import hints
from livescape.motion.hints import without_hint
from livescape.motion.region_files import read_drawing, read_regions
from livescape.stages.door import read_inputs
from livescape.stages.layers import is_guessed, motion_mask
from livescape_shared.annotation import Annotation, write_labelme
from livescape_shared.annotation_files.given import packed_folder
from livescape_shared.errors import LivescapeError

SIZE = (80, 60)
MOVES = np.zeros((60, 80), bool)
MOVES[20:50, 10:40] = True
OTHER = np.zeros((60, 80), bool)
OTHER[5:15, 50:70] = True


def npz(**arrays):
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def mask_of(data, moves="bright"):
    return read_regions(data, moves, SIZE).mask


BOTH = np.stack([MOVES, OTHER])


@pytest.mark.parametrize(
    "data",
    [
        npy(MOVES | OTHER),
        npy((MOVES | OTHER) * np.uint8(255)),
        npy(BOTH),
        npy(BOTH[:, None]),
        npy(np.where(BOTH, 12.5, -9.0).astype(np.float32)),
        npz(masks=BOTH, scores=np.ones(2)),
        npz(segmentation=BOTH.any(axis=0).astype(np.int64), iou=np.ones(3)),
        npz(arr_0=MOVES, arr_1=OTHER),
        npz(mask=(MOVES | OTHER)[..., None].repeat(3, axis=2)),
        npz(masks=BOTH.astype(np.float16)),
    ],
)
def test_arrays_of_masks_move_together(data):
    np.testing.assert_allclose(mask_of(data), MOVES | OTHER)
    np.testing.assert_allclose(mask_of(data, "dark"), ~(MOVES | OTHER))


def test_soft_arrays_stay_soft():
    np.testing.assert_allclose(mask_of(npy(MOVES * np.float32(0.5))), MOVES * 0.5)
    np.testing.assert_allclose(mask_of(npy(MOVES * np.uint8(128))), MOVES * 0.5, atol=0.003)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (npy([{"segmentation": MOVES}]), "Python objects"),
        (npy(np.zeros(5)), "is no mask"),
        (npy(np.zeros((2, 3, 4, 5))), "is no mask"),
        (npy(np.zeros((0, 5))), "is no mask"),
        (npy(np.zeros((1, 8200), bool)), "may exceed"),
        (npz(a=MOVES, b=MOVES[:9]), "differ in size"),
        (npy(MOVES)[:-9], "cut off"),
        (b"PK\x03\x04 no archive", "damaged"),
        (b"\x93NUMPY", "damaged"),
    ],
)
def test_arrays_that_are_no_masks_are_refused(data, said):
    with pytest.raises(LivescapeError, match=said) as caught:
        mask_of(data)
    assert caught.value.code == "mask_invalid"
    assert caught.value.message.endswith(".")


def folder_of(tmp_path, masks, kind="png"):
    for number, mask in enumerate(masks):
        Image.fromarray(mask.astype(np.uint8) * 255).save(tmp_path / f"{number}.{kind}")
    return tmp_path


@pytest.mark.parametrize("kind", ["png", "tif", "bmp"])
def test_a_folder_of_masks_moves_together(tmp_path, kind):
    data = packed_folder(folder_of(tmp_path, BOTH, kind))
    np.testing.assert_allclose(mask_of(data), MOVES | OTHER, atol=0.01)


def test_a_folder_of_segments_says_nothing_by_itself(tmp_path):
    (folder_of(tmp_path, BOTH) / "metadata.csv").write_text("id,area\n")
    found = read_regions(packed_folder(tmp_path), "bright", SIZE)
    assert found.mask is None
    np.testing.assert_array_equal(found.segments, MOVES * 1 + OTHER * 2)


def test_archives_that_hold_no_masks_are_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.png", b"no picture")
    for data in (stream.getvalue(), stream.getvalue()[:-5]):
        with pytest.raises(LivescapeError) as caught:
            mask_of(data)
        assert caught.value.code == "mask_invalid"


def test_masks_too_large_together_are_refused_while_they_are_read(monkeypatch):
    monkeypatch.setattr("livescape.motion.region_files._MOST_PIXELS", 2 * MOVES.size)
    mask_of(npy(BOTH))
    with pytest.raises(LivescapeError, match="too many"):
        mask_of(npy(np.stack([MOVES] * 3)))


def picture(mask, mode):
    stream = io.BytesIO()
    Image.fromarray(mask).convert(mode).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


@pytest.mark.parametrize("mode", ["1", "L"])
@pytest.mark.parametrize(
    ("left", "top"),
    [(10, 20), (-5, -8), (60, 55), (85, 20), (10, 65), (-40, 9), (9, -30), (90, -40), (-31, 61)],
)
def test_masks_of_labelme_lie_where_their_rectangle_begins(mode, left, top):
    piece = np.random.default_rng(0).random((12, 30)) > 0.4
    corners = [[left, top], [left + 29, top + 11]]
    made = labelme(
        shape("mask", corners, mask=picture(piece, mode)),
        shape("mask", corners, "still", mask=picture(~piece, mode)),
        imageWidth=80, imageHeight=60,
    )  # fmt: skip
    found = read_drawing(json.dumps(made).encode(), SIZE)
    wanted = np.zeros((260, 260), bool)
    wanted[100 + top : 112 + top, 100 + left : 130 + left] = piece
    np.testing.assert_array_equal(found.moving, wanted[100:160, 100:180])
    assert not (found.moving & found.standing).any()
    assert found.says_what_stands


def test_a_mask_of_labelme_that_is_no_picture_is_refused():
    for content in (b"no picture", png(np.zeros((20, 8200), np.uint8))):
        text = base64.b64encode(content).decode()
        made = json.dumps(labelme(shape("mask", [[0, 0], [9, 9]], mask=text))).encode()
        with pytest.raises(LivescapeError) as caught:
            read_drawing(made, SIZE)
        assert caught.value.code == "annotation_invalid"


def test_outlines_cut_what_stands_out_of_what_moves():
    square = [[10, 10], [50, 50]]
    made = labelme(
        shape("rectangle", square), shape("rectangle", [[20, 20], [30, 30]], "still"),
        imageWidth=80, imageHeight=60,
    )  # fmt: skip
    mask = mask_of(json.dumps(made).encode())
    assert mask.sum() == pytest.approx(1600 - 100, rel=0.02)
    alone = labelme(shape("rectangle", square, "still"))
    with pytest.raises(LivescapeError) as caught:
        mask_of(json.dumps(alone).encode())
    assert caught.value.code == "annotation_empty"


def whole(values):
    return np.asarray(cv2.resize(values.astype(np.uint8), (WIDTH, HEIGHT)), bool)


LOWER = np.indices((HEIGHT, WIDTH))[0] >= 60


@pytest.mark.parametrize("field", ["mask", "hints"])
@pytest.mark.parametrize("factor", [1, 2])
@pytest.mark.parametrize("of", ["labelme", "coco", "sam"])
def test_every_kind_moves_the_same_in_either_field(field, factor, of):
    height, width = HEIGHT * factor, WIDTH * factor
    lower = LOWER.repeat(factor, axis=0).repeat(factor, axis=1)
    box = [[0, 60 * factor], [width, height]]
    images = [{"id": 7, "file_name": "x.png", "width": width, "height": height}]
    made = {
        "labelme": labelme(shape("rectangle", box, "sea"), imageWidth=width, imageHeight=height),
        "coco": coco([entry(rle(lower))], images=images),
        "sam": [{"segmentation": rle(lower)}],
    }[of]
    files = {field: json.dumps(made).encode()}
    inputs = read_inputs(request(files=files, motion="hints" if field == "hints" else "auto"))
    assert inputs.settings.motion == "auto"
    mask = motion_mask(inputs, layout())
    np.testing.assert_allclose(mask[:47], 0.0, atol=0.01)
    np.testing.assert_allclose(mask[49:], 1.0, atol=0.01)
    assert not is_guessed(inputs)


def test_a_picture_of_another_shape_is_refused_and_lines_still_decide():
    other = json.dumps([rle(np.ones((HEIGHT, HEIGHT), bool))]).encode()
    with pytest.raises(LivescapeError) as caught:
        motion_mask(read_inputs(request(files={"mask": other})), layout())
    assert caught.value.code == "mask_size_mismatch"
    segments = [{"segmentation": rle(np.ones((HEIGHT, HEIGHT), bool)), **AUTOMATIC}] * 2
    inputs = read_inputs(request(files={"mask": json.dumps(segments).encode()}))
    with pytest.raises(LivescapeError) as caught:
        motion_mask(inputs, layout())
    assert caught.value.code == "mask_size_mismatch"
    drawn = labelme(shape("line", [[10, 10], [60, 10]], "hint"), imageWidth=WIDTH,
                    imageHeight=HEIGHT)  # fmt: skip
    inputs = read_inputs(request(files={"hints": json.dumps(drawn).encode()}, motion="hints"))
    assert inputs.settings.motion == "hints"


@pytest.mark.parametrize("field", ["mask", "hints"])
def test_segments_move_whole_where_most_of_them_is_water(field):
    """The water begins at row 60 of 96 by the layout, and at row 66 by the segment."""
    rows = np.indices((96, 128))[0]
    parts = (rows < 30, (rows >= 30) & (rows < 66), rows >= 66)
    made = [{"segmentation": rle(each), **AUTOMATIC} for each in parts]
    files = {field: json.dumps(made).encode()}
    inputs = read_inputs(request(files=files, motion="auto"))
    assert is_guessed(inputs)
    mask = motion_mask(inputs, layout(1.0))
    bare = motion_mask(replace(inputs, segments=None), layout(1.0))
    assert bare[62:65].mean() > 0.9
    np.testing.assert_allclose(mask[31:66], 0.0, atol=0.01)
    np.testing.assert_allclose(mask[67:], 1.0, atol=0.01)


def test_a_region_of_a_mask_has_a_hint_of_its_own_or_none():
    made = labelme(
        shape("line", [[20, 30], [40, 30]], "hint"),
        shape("mask", [[0, 0], [79, 59]], mask=picture(BOTH.any(axis=0), "1")),
        imageWidth=80, imageHeight=60,
    )  # fmt: skip
    drawn = read_drawing(json.dumps(made).encode(), SIZE)
    rest = without_hint(drawn, BOTH.any(axis=0).astype(np.float32))
    np.testing.assert_array_equal(rest, OTHER)


def test_nothing_is_decoded_that_is_too_large(monkeypatch):
    monkeypatch.setattr(decode, "decode_pixels", lambda *_: pytest.fail("decoded"))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.png", png(np.zeros((20, 8200), np.uint8)))
    with pytest.raises(LivescapeError, match="may exceed"):
        mask_of(stream.getvalue())


TALL = [[0, 0], [40, 0], [40, 60], [0, 60]]


@pytest.mark.parametrize(
    "made",
    [
        lambda many: labelme(
            *[shape("polygon", TALL)] * (many and 9), shape("polygon", TALL),
            imageWidth=80, imageHeight=60,
        ),
        lambda many: labelme(
            shape("polygon", [[x, 60 * (x % 2)] for x in range(20 if many else 4)]),
            imageWidth=80, imageHeight=60,
        ),
        lambda many: labelme(
            *[shape("mask", [[0, 0], [79, 59]], mask=picture(MOVES, "1"))] * (9 if many else 2),
            imageWidth=80, imageHeight=60,
        ),
        lambda many: [{"segmentation": rle(MOVES), **AUTOMATIC}] * (20 if many else 2),
        lambda many: labelme(
            shape("polygon", TALL), *[shape("line", [[1, 1], [9, 9]], "hint")] * (9 if many else 1)
        ),
        lambda many: labelme(
            shape("polygon", TALL),
            shape("linestrip", [[1, x] for x in range(9 if many else 3)], "hint"),
        ),
    ],
)  # fmt: skip
def test_what_takes_long_together_is_refused_while_it_is_read(made, monkeypatch):
    for name, most in (("OUTLINED", 8), ("PAINTED", 5 * MOVES.size), ("HINTS", 4)):
        monkeypatch.setattr(f"livescape_shared.annotation_files.drawing.MOST_{name}", most)
    read_drawing(json.dumps(made(False)).encode(), SIZE)
    with pytest.raises(LivescapeError, match="too many") as caught:
        read_drawing(json.dumps(made(True)).encode(), SIZE)
    assert caught.value.code == "annotation_invalid"


def test_of_many_regions_only_those_with_a_hint_are_drawn_one_by_one(monkeypatch):
    corners = [[[x, y], [x + 4, y], [x + 4, y + 4], [x, y + 4]] for x in range(0, 80, 8)
               for y in range(0, 60, 8)]  # fmt: skip
    made = labelme(
        *[shape("polygon", each) for each in corners],
        shape("line", [[17, 17], [30, 20]], "hint"), imageWidth=80, imageHeight=60,
    )  # fmt: skip
    drawing = read_drawing(json.dumps(made).encode(), SIZE)
    drawn, draw = [], hints._drawn
    monkeypatch.setattr(hints, "_drawn", lambda *said: drawn.append(said) or draw(*said))
    alone = without_hint(drawing, np.ones((60, 80), np.float32))
    assert len(drawn) < 5
    assert not alone[17:19, 17:19].any()
    assert alone[40:44, 40:44].all()


@pytest.mark.parametrize("of", ["labelme", "labelled mask", "coco", "named"])
def test_labels_say_what_moves_whichever_pixels_do(of):
    outline = [[10, 20], [40, 50]]
    images = [{"id": 7, "file_name": "x.png", "width": 80, "height": 60}]
    made = {
        "labelme": labelme(shape("rectangle", outline), imageWidth=80, imageHeight=60),
        "labelled mask": labelme(
            shape("mask", [[0, 0], [79, 59]], mask=picture(MOVES, "1")),
            imageWidth=80, imageHeight=60,
        ),
        "coco": coco([entry(rle(MOVES))], images=images),
        "named": [{"segmentation": rle(MOVES), "label": "sea"}],
    }[of]  # fmt: skip
    data = json.dumps(made).encode()
    np.testing.assert_allclose(mask_of(data, "dark"), mask_of(data))
    np.testing.assert_allclose(mask_of(data)[22:48, 12:38], 1.0)


def test_what_a_mask_without_a_name_leaves_out_moves_where_dark_does():
    data = json.dumps([{"segmentation": rle(MOVES)}]).encode()
    np.testing.assert_allclose(mask_of(data), MOVES)
    np.testing.assert_allclose(mask_of(data, "dark"), ~MOVES)


@pytest.mark.parametrize("scale", [1, 3])
def test_a_painted_mask_is_read_as_it_was_written(scale):
    rng = np.random.default_rng(1)
    moving, standing = rng.random((60, 80)) > 0.5, rng.random((60, 80)) > 0.7
    hints = np.zeros((0, 2, 2), np.float32)
    drawn = Annotation((), hints, 80 * scale, 60 * scale, moving=moving, standing=standing)
    again = read_drawing(write_labelme(drawn), SIZE)
    for found, wanted in ((again.moving, moving), (again.standing, standing)):
        np.testing.assert_array_equal(found, wanted.repeat(scale, axis=0).repeat(scale, axis=1))


def test_a_mask_of_nothing_is_kept_apart_from_none():
    nothing = np.zeros((60, 80), bool)
    drawn = Annotation((), np.zeros((0, 2, 2), np.float32), 80, 60, moving=nothing)
    again = read_drawing(write_labelme(drawn), SIZE)
    assert again.says_what_moves
    assert not again.moving.any()
