"""OpenEXR depth: the channel that means depth, in every layout that renderers write."""

import numpy as np
import OpenEXR
import pytest

from livescape.depth.file import read_depth_map
from livescape.imaging import exr
from livescape_shared.errors import LivescapeError

SIZE = (48, 64)
SCANLINES = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION}


def slope(dtype=np.float32):
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return (3 + rows + 2 * columns).astype(dtype)


def other(dtype=np.float32):
    return np.full(SIZE, 0.5, dtype)


@pytest.fixture
def saved(tmp_path):
    """Return a function that makes the bytes of a file of the given channels or parts."""

    def save(channels, header=SCANLINES):
        path = tmp_path / "depth.exr"
        parts = channels if isinstance(channels, list) else [OpenEXR.Part(dict(header), channels)]
        OpenEXR.File(parts).write(str(path))
        return path.read_bytes()

    return save


def refusal(data):
    with pytest.raises(LivescapeError) as caught:
        read_depth_map(data)
    return caught.value


# Written by Blender 4.5: a multilayer render with its passes, and File Output nodes.
BLENDER_RENDER = (
    *(f"ViewLayer.Combined.{channel}" for channel in "ABGR"),
    *(f"ViewLayer.CryptoObject00.{channel}" for channel in "abgr"),
    "ViewLayer.Depth.Z",
    "ViewLayer.Mist.Z",
    *(f"ViewLayer.Normal.{axis}" for axis in "XYZ"),
    *(f"ViewLayer.Position.{axis}" for axis in "XYZ"),
    *(f"ViewLayer.Vector.{axis}" for axis in "WXYZ"),
)
BLENDER_NODE = ("Depth.V", "Image.A", "Image.B", "Image.G", "Image.R")


@pytest.mark.parametrize(
    ("names", "depth"),
    [
        (BLENDER_RENDER, "ViewLayer.Depth.Z"),
        (BLENDER_NODE, "Depth.V"),
        (("A", "B", "G", "R", "Z"), "Z"),
        (("RenderLayer.Combined.R", "RenderLayer.Depth.Z"), "RenderLayer.Depth.Z"),
        (("B", "G", "R", "depth.Z"), "depth.Z"),
        (("A", "B", "G", "R", "ZDepth.R"), "ZDepth.R"),
        (("N.X", "N.Y", "N.Z", "left.Z"), "left.Z"),
        (("ViewLayer.Depth.left.Z", "ViewLayer.Mist.left.Z"), "ViewLayer.Depth.left.Z"),
        (("B", "G", "R", "depth"), "depth"),
        (("Y",), "Y"),
        (("V",), "V"),
        (("A", "R"), "R"),
    ],
)
def test_the_channel_of_depth_is_found_among_others(saved, names, depth):
    data = saved({name: slope() if name == depth else other() for name in names})
    np.testing.assert_array_equal(read_depth_map(data), slope())


def test_the_same_in_r_g_and_b_is_depth(saved):
    grey = {name: slope() for name in "BGR"} | {"A": other()}
    np.testing.assert_array_equal(read_depth_map(saved(grey)), slope())


@pytest.mark.parametrize(
    "names",
    [
        ("A", "B", "G", "R"),
        ("ViewLayer.Mist.Z", "ViewLayer.Combined.R"),
        ("Normal.X", "Normal.Y", "Normal.Z"),
        ("X", "Y", "Z"),
    ],
)
def test_a_file_without_depth_names_what_it_has(saved, names):
    values = {name: slope() + place for place, name in enumerate(names)}
    refused = refusal(saved(values))
    assert refused.code == "depth_unreadable"
    assert names[0] in refused.message


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.uint32])
def test_every_type_of_channel_is_metres(saved, dtype):
    read = read_depth_map(saved({"Z": slope(dtype)}))
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, slope())


def test_what_half_precision_cannot_hold_is_infinite_and_so_is_sky(saved):
    values = slope()
    values[:5] = 1e10
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    assert np.isinf(read_depth_map(saved({"Depth.V": half}))[:5]).all()


@pytest.mark.parametrize(
    "compression", ["NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "ZSTD", "HTJ2K256"]
)
@pytest.mark.parametrize("kind", ["scanlineimage", "tiledimage"])
def test_every_lossless_compression_in_lines_and_tiles(saved, compression, kind):
    header = {
        "type": getattr(OpenEXR, kind),
        "compression": getattr(OpenEXR, f"{compression}_COMPRESSION"),
    }
    if kind == "tiledimage":
        header["tiles"] = OpenEXR.TileDescription()
    np.testing.assert_array_equal(read_depth_map(saved({"Z": slope()}, header)), slope())


def test_parts_are_layers(saved):
    parts = [
        OpenEXR.Part(dict(SCANLINES), {name: other() for name in "RGB"}, "beauty"),
        OpenEXR.Part(dict(SCANLINES), {name: other() for name in "XYZ"}, "normal"),
        OpenEXR.Part(dict(SCANLINES), {"Y": slope()}, "depth"),
    ]
    np.testing.assert_array_equal(read_depth_map(saved(parts)), slope())


def test_a_cropped_render_lies_where_it_was_and_the_rest_is_unknown(saved):
    window = (np.int32([8, 12]), np.int32([63, 47]))  # what Blender's render border leaves
    header = {**SCANLINES, "dataWindow": window,
              "displayWindow": (np.int32([0, 0]), np.int32([63, 47]))}  # fmt: skip
    read = read_depth_map(saved({"Z": slope()[12:, 8:].copy()}, header))
    assert read.shape == SIZE
    np.testing.assert_array_equal(read[12:, 8:], slope()[12:, 8:])
    assert np.isnan(read[:12]).all()
    assert np.isnan(read[:, :8]).all()


def test_an_overscan_is_cut_to_the_picture(saved):
    header = {**SCANLINES, "dataWindow": (np.int32([-4, -2]), np.int32([67, 49])),
              "displayWindow": (np.int32([0, 0]), np.int32([63, 47]))}  # fmt: skip
    wide = np.pad(slope(), ((2, 2), (4, 4)), constant_values=77)
    np.testing.assert_array_equal(read_depth_map(saved({"Z": wide}, header)), slope())


def test_a_subsampled_channel_is_as_much_smaller(saved):
    half = slope()[::2, ::2]
    written = np.resize(half, SIZE)  # the library writes the first values of a full-size array
    read = read_depth_map(saved({"Y": other(), "Z": OpenEXR.Channel("Z", written, 2, 2)}))
    np.testing.assert_array_equal(read, half)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.99])
def test_a_file_that_is_cut_off_says_so(saved, share):
    data = saved({"Z": slope()}, {**SCANLINES, "compression": OpenEXR.NO_COMPRESSION})
    refused = refusal(data[: int(share * len(data))])
    assert refused.code == "depth_unreadable"
    assert "damaged or cut off" in refused.message


def test_size_and_channels_are_counted_before_pixels_are_read(saved, monkeypatch):
    data = saved({"Z": slope()})
    wide = data.replace(np.int32([0, 0, 63, 47]).tobytes(), np.int32([0, 0, 29_999, 47]).tobytes())
    refused = refusal(wide)
    assert refused.code == "depth_invalid"
    assert "30000 x 48" in refused.message
    tiles = {**SCANLINES, "type": OpenEXR.tiledimage, "tiles": OpenEXR.TileDescription()}
    tiled = saved({"Z": slope()}, tiles)
    side = np.int32([tiles["tiles"].xSize, tiles["tiles"].ySize]).tobytes()
    assert tiled.count(side) == 1
    huge = tiled.replace(side, np.int32([32, 3_801_120]).tobytes())
    assert "3801120 pixels" in refusal(huge).message
    monkeypatch.setattr(exr, "_MOST_BYTES", 2 * slope().nbytes)
    read_depth_map(data)
    assert refusal(saved({name: slope() for name in "ZYX"})).code == "depth_invalid"
