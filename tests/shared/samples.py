"""One message of every type, with every field filled, and requests that are fixed for ever."""

import numpy as np

from livescape_shared.camera import Camera, CameraPath
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import (
    Ack,
    Cancel,
    Challenge,
    Chunk,
    EndJob,
    Finished,
    Forget,
    GetStatus,
    Goodbye,
    Grant,
    Hello,
    Jobs,
    ListJobs,
    Pair,
    Paired,
    Part,
    Ping,
    Pong,
    Preview,
    Progress,
    Prove,
    Received,
    Refused,
    Status,
    Submit,
    Watch,
    Welcome,
)
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import GenerateSettings

ERROR = LivescapeError("disk_full", "No room.", hint="Make some.", stage="bake", retryable=True)
MESSAGE_ID, PARENT_ID = "0123456789abcdef", "fedcba9876543210"


def camera(x=0.0):
    K = np.array([[100.0, 0.0, 32.0], [0.0, 100.0, 24.0], [0.0, 0.0, 1.0]])
    viewmat = np.eye(4)
    viewmat[0, 3] = x
    return Camera(64, 48, K, viewmat)


def request(**values):
    path = CameraPath(camera(), (camera(), camera(0.5)), (1, 2), 24.0)
    given = {
        "camera_path": path,
        "settings": GenerateSettings(seed=3),
        "photo": b"\xff\xd8photo",
        "depth": b"depth",
    }
    return GenerateRequest(**{**given, **values})


def samples():
    """Return a message of every type, by type."""
    ramp = np.arange(6, dtype=np.float32).reshape(2, 3) / 4
    arrays = {"means": ramp, "bytes": np.array([0, 1], np.uint8), "none": np.zeros((0, 3), "f4")}
    # Settings change from version to version, and clients of 0.1 named suffixes, which nobody
    # reads; the message that carries them does not change.
    body = {**request().body(), "settings": {"seed": 3}, "suffixes": {"depth": ".npy"}}
    messages = (
        Hello("Blender 4.5", "key", "0123456789abcdef" * 4),
        Challenge("fedcba9876543210" * 4, "proof"),
        Prove("proof"),
        Pair("Blender 4.5", "4567" * 10 + "456"),
        Paired("gpu-box"),
        Welcome("0.1.0", "CPU", {"frame_bytes": 262144}),
        Submit(body, request().arrays()),
        Ack("job", "queued"),
        Cancel("job"),
        Progress("job", "depth", 2, 5, 0.25),
        Grant("job", 4, 2**25, start=True, offset=5, part_bytes=4096),
        Chunk("job", 3, 99, "moving", 0, {"n": 2}, arrays),
        Part("job", 3, 5, 77, {"lengths": np.array([5, 7]), "bytes": arrays["bytes"]}),
        Received("job", 7, lost=True),
        Preview("job", "job.1", 52, "abcd"),
        Finished("job", "failed", 0, ERROR.to_dict(), {"seconds": 1.5}, "abcd"),
        Refused(ERROR.to_dict()),
        Ping(),
        Pong(),
        ListJobs(),
        Jobs({"job": {"state": "done", "size": 7}}),
        GetStatus(),
        Status(
            "CPU",
            1.5,
            2,
            {"queued": 1},
            {"free": 3},
            {"free": 4},
            {"free": 5},
            {"bytes": 6},
            {"livescape": "0.1.0"},
        ),
        Watch("job"),
        EndJob("job"),
        Forget("job"),
        Goodbye("it was asked to stop"),
    )
    return {message.type: message for message in messages}
