"""Flow as other programs write it."""

import io
import struct

import cv2
import numpy as np
import OpenEXR
import pytest
import tifffile

from livescape.motion.flow_file import read_flow
from livescape_shared.errors import LivescapeError

HEIGHT, WIDTH = 30, 44
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH] / 40.0
FLOW = np.stack([2.5 * X - 0.5, 0.25 - 1.5 * Y], axis=-1).astype(np.float32)


def saved(write, *arrays, **named):
    stream = io.BytesIO()
    write(stream, *arrays, **named)
    return stream.getvalue()


def exr(tmp_path, **channels):
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    planes = {name.replace("__", "."): np.ascontiguousarray(plane, dtype=np.float32)
              for name, plane in channels.items()}  # fmt: skip
    OpenEXR.File(header, planes).write(str(tmp_path / "a.exr"))
    return (tmp_path / "a.exr").read_bytes()


def kitti(flow):
    known = np.ones(flow.shape[:2], np.uint16)
    coded = np.rint(flow * 64.0 + 32768.0).astype(np.uint16)
    return cv2.imencode(".png", np.dstack([known, coded[..., 1], coded[..., 0]]))[1].tobytes()


def pfm(planes):
    head = b"PF\n%d %d\n-1.0\n" % (WIDTH, HEIGHT)
    return head + planes[::-1].astype("<f4").tobytes()


KINDS = {
    "numpy": lambda _: saved(np.save, FLOW),
    "numpy, channels first": lambda _: saved(np.save, np.moveaxis(FLOW, -1, 0)),
    "numpy, a batch": lambda _: saved(np.save, np.moveaxis(FLOW, -1, 0)[None]),
    "npz, optical_flow": lambda _: saved(np.savez, optical_flow=FLOW, K=np.eye(3)),
    "Middlebury": lambda _: b"PIEH" + struct.pack("<ii", WIDTH, HEIGHT) + FLOW.tobytes(),
    "PFM": lambda _: pfm(np.dstack([FLOW, np.zeros((HEIGHT, WIDTH))])),
    "KITTI": lambda _: kitti(FLOW),
    "TIFF": lambda _: saved(
        tifffile.imwrite, np.dstack([FLOW, FLOW[..., :1]]), photometric="rgb"
    ),
    "TIFF of two": lambda _: saved(
        tifffile.imwrite, FLOW, photometric="minisblack", planarconfig="contig"
    ),
    "TIFF of two planes": lambda _: saved(
        tifffile.imwrite, np.moveaxis(FLOW, -1, 0), photometric="minisblack",
        planarconfig="separate", compression="zlib",
    ),
    "Blender": lambda folder: exr(
        folder, ViewLayer__Vector__X=-FLOW[..., 0] * 3, ViewLayer__Vector__Y=FLOW[..., 1] * 3,
        ViewLayer__Vector__Z=-FLOW[..., 0], ViewLayer__Vector__W=FLOW[..., 1],
        ViewLayer__Combined__R=FLOW[..., 0],
    ),
    "Nuke": lambda folder: exr(
        folder, backward__u=FLOW[..., 1], backward__v=FLOW[..., 1],
        forward__u=FLOW[..., 0], forward__v=-FLOW[..., 1],
    ),
}  # fmt: skip


@pytest.mark.parametrize("write", KINDS.values(), ids=KINDS)
def test_a_flow_is_read_as_its_program_means_it(write, tmp_path):
    found = read_flow(write(tmp_path))
    assert found.shape == FLOW.shape
    np.testing.assert_allclose(found, FLOW, atol=0.01)


def test_what_is_unknown_stands():
    unknown = FLOW.copy()
    unknown[3:9, 5:8] = 1.7e9
    found = read_flow(b"PIEH" + struct.pack("<ii", WIDTH, HEIGHT) + unknown.tobytes())
    assert (found[3:9, 5:8] == 0.0).all()
    np.testing.assert_array_equal(found[10:], FLOW[10:])


def test_what_is_no_flow_is_said():
    picture = cv2.imencode(".png", np.zeros((20, 20, 3), np.uint8))[1].tobytes()
    for data, words in (
        (picture, "colours do not tell"),
        (b"hello", "no flow of any kind"),
        (b"PIEH" + struct.pack("<ii", WIDTH, HEIGHT) + FLOW.tobytes()[:-4], "cut off"),
        (b"PIEH" + struct.pack("<ii", -1, 5), "header"),
        (b"PIEH" + struct.pack("<ii", 60_000, 60_000), "60000"),
    ):
        with pytest.raises(LivescapeError, match=words) as caught:
            read_flow(data)
        assert caught.value.code == "flow_invalid"
