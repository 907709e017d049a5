"""OpenUSD files of splats: our own, those of others, and those that fell whoever opens them."""

import sys

import numpy as np
import pytest
from pxr import Gf, Sdf, Usd, UsdGeom, Vt
from tests.shared.splat_checks import assert_same, refusal, upright
from tests.shared.splat_samples import exchanged

from livescape_shared.formats import usd_trial
from livescape_shared.formats.export import export_frames
from livescape_shared.formats.load import load_splats


def test_usd_comes_back(tmp_path):
    wanted = exchanged()
    [path] = export_frames(tmp_path / "a.usdc", [(5, wanted)], 24.0)
    assert load_splats(path).axes == "z_up"
    assert_same(upright(path), wanted, (1e-6, 1e-6, 1e-5, 1e-6))


@pytest.mark.parametrize(
    "fate",
    ["import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "import time; time.sleep(60)"],
)
def test_usd_that_ends_or_stops_the_process_that_opens_it_is_refused(tmp_path, monkeypatch, fate):
    """Some damage does this to OpenUSD, one file in hundreds and not at every time."""
    monkeypatch.setattr(usd_trial, "_READ", fate)
    monkeypatch.setattr(usd_trial, "LEAST_S", 2.0)
    [path] = export_frames(tmp_path / "a.usdc", [(5, exchanged())], 24.0)
    assert refusal(path) == "splats_invalid"


@pytest.mark.skipif(sys.platform == "win32", reason="a process's computing has no limit there")
def test_usd_that_keeps_the_process_computing_is_refused_by_what_it_computed(tmp_path, monkeypatch):
    monkeypatch.setattr(usd_trial, "_READ", _ENDLESS)
    monkeypatch.setattr(usd_trial, "LEAST_S", 1e6)
    monkeypatch.setattr(usd_trial, "LEAST_PROCESSOR_S", 0.1)
    [path] = export_frames(tmp_path / "a.usdc", [(5, exchanged())], 24.0)
    assert refusal(path) == "splats_invalid"


_ENDLESS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from livescape_shared.formats.usd_trial import limit_processor
limit_processor(Path(sys.argv[1]))
while True:
    pass
"""


def test_nothing_beside_an_usd_file_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numpy.py").write_text("open('was_run', 'w').close()")
    [path] = export_frames(tmp_path / "a.usdc", [(5, exchanged())], 24.0)
    assert len(load_splats(path).splats) == len(exchanged())
    assert not (tmp_path / "was_run").exists()


def test_usd_of_others_is_turned_scaled_and_placed(tmp_path):
    """Y up, in centimetres, under a moved parent, in half precision."""
    [path] = export_frames(tmp_path / "a.usda", [(5, exchanged())], 24.0)
    stage = Usd.Stage.Open(str(path))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 0.01)
    UsdGeom.Xformable(stage.GetPrimAtPath("/Livescape")).AddTranslateOp().Set(Gf.Vec3d(100, 200, 3))
    prim = stage.GetPrimAtPath("/Livescape/Splats")
    halves = np.array(prim.GetAttribute("opacities").Get(5)).astype(np.float16)
    prim.RemoveProperty("opacities")
    prim.CreateAttribute("opacitiesh", Sdf.ValueTypeNames.HalfArray, False).Set(
        Vt.HalfArray.FromNumpy(halves)
    )
    stage.GetRootLayer().Save()
    found = load_splats(path)
    assert found.axes == "y_up"
    matrix = np.diag([0.01, 0.01, 0.01, 1.0])
    matrix[:3, 3] = (1.0, 2.0, 0.03)
    assert_same(found.splats, exchanged().transformed(matrix), (1e-6, 1e-6, 1e-4, 1e-6))
