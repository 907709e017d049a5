"""ONNX networks with the published inputs and outputs that read geometry off a photo's colours."""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

from livescape.depth.networks.images import IMAGENET

OPSET = 17


def depth_and_sky(path, size=(56, 84), outputs=("depth", "sky"), scale=40.0):
    """Depth Anything 3: depth is ``scale`` times red, sky is blue; size None is free."""
    shape = ["batch", 3, *(size or ("height", "width"))]
    nodes = [
        helper.make_node("Mul", ["image", "deviation"], ["centred"]),
        helper.make_node("Add", ["centred", "mean"], ["plain"]),
        helper.make_node("Split", ["plain", "thirds"], ["red", "green", "blue"], axis=1),
        helper.make_node("Mul", ["red", "scale"], [outputs[0]]),
        helper.make_node("Identity", ["blue"], [outputs[1]]),
    ]
    mean, deviation = (np.array(each, np.float32).reshape(3, 1, 1) for each in IMAGENET)
    constants = {
        "mean": mean,
        "deviation": deviation,
        "thirds": np.array([1, 1, 1], np.int64),
        "scale": np.float32(scale),
    }
    map_shape = ["batch", 1, "rows", "columns"]
    _write(path, nodes, {"image": shape}, dict.fromkeys(outputs, map_shape), constants)


def points_and_mask(path, low, span, scale):
    """MoGe-2: points are low + span * colour, the mask is where red is below 0.98."""
    nodes = [
        helper.make_node("Transpose", ["image"], ["last"], perm=[0, 2, 3, 1]),
        helper.make_node("Mul", ["last", "span"], ["scaled"]),
        helper.make_node("Add", ["scaled", "low"], ["points"]),
        helper.make_node("Split", ["image", "thirds"], ["r", "g", "b"], axis=1),
        helper.make_node("Less", ["r", "edge"], ["inside"]),
        helper.make_node("Cast", ["inside"], ["wide"], to=TensorProto.FLOAT),
        helper.make_node("Squeeze", ["wide", "one"], ["mask"]),
        helper.make_node("Mul", ["factor", "one_float"], ["scale"]),
    ]
    constants = {
        "span": np.asarray(span, np.float32),
        "low": np.asarray(low, np.float32),
        "thirds": np.array([1, 1, 1], np.int64),
        "edge": np.float32(0.98),
        "one": np.array([1], np.int64),
        "one_float": np.array([1.0], np.float32),
        "factor": np.float32(scale),
    }
    inputs = {"image": ["batch", 3, "height", "width"], "num_tokens": []}
    outputs = {"points": ["batch", "rows", "columns", 3], "mask": ["batch", "rows", "columns"]}
    _write(path, nodes, inputs, {**outputs, "scale": ["batch"]}, constants)


def _write(path, nodes, inputs, outputs, constants):
    kinds = {"num_tokens": TensorProto.INT64}
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(name, kinds.get(name, TensorProto.FLOAT), shape)
            for name, shape in inputs.items()
        ],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in outputs.items()
        ],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    save(model, path)
