"""Packages that models need: imported on use, and kept from reporting that use."""

import os
import subprocess
import sys

from livescape.networks.packages import UNASKED

SCRIPT = """
import numpy, onnx
from onnx import TensorProto, helper
from livescape.networks.packages import require_package
runtime = require_package("onnxruntime")
ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "ab"]
graph = helper.make_graph([helper.make_node("Identity", ["a"], ["b"])], "g", *[[e] for e in ends])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
session.run(None, {"a": numpy.ones(1, numpy.float32)})
"""


def test_running_a_network_leaves_no_record_of_it(tmp_path):
    kept = {name: value for name, value in os.environ.items() if name not in UNASKED}
    environment = {**kept, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"),
                   "PYTHONPATH": os.pathsep.join(sys.path)}  # fmt: skip
    subprocess.run([sys.executable, "-c", SCRIPT], env=environment, check=True, timeout=120)
    assert [str(path) for path in tmp_path.rglob("*") if path.is_file()] == []
