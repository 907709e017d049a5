"""The job of a collected shot: frames and a movie, as Open Job Description."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from livescape_shared.files import whole_file

RENDER: Final = "render_frames.py"

_TEMPLATE: Final = """\
# A collected shot: its frames and a movie, as Open Job Description.
# The .blend and its caches lie beside this file; nodes need Blender alone, the movie Livescape.
specificationVersion: jobtemplate-2023-09
name: "{{{{Param.Name}}}}"

parameterDefinitions:
  - {{name: Name, type: STRING, default: "{name}"}}
  - {{name: Shot, type: PATH, objectType: DIRECTORY, dataFlow: IN, default: "."}}
  - {{name: OutDir, type: PATH, objectType: DIRECTORY, dataFlow: OUT, default: "out"}}
  - {{name: Frames, type: STRING, default: "{first}-{last}"}}
  - {{name: Blender, type: STRING, default: blender}}
  - {{name: Livescape, type: STRING, default: livescape}}

steps:
  - name: Render
    parameterSpace:
      taskParameterDefinitions:
        - name: Frame
          type: INT
          range: "{{{{Param.Frames}}}}"
    script:
      actions:
        onRun:
          command: "{{{{Param.Blender}}}}"
          args:
            - -b
            - "{{{{Param.Shot}}}}/{blend}"
            - --python-exit-code
            - "1"
            - --python
            - "{{{{Param.Shot}}}}/{render}"
            - --
            - --out
            - "{{{{Param.OutDir}}}}/frames"
            - --frames={{{{Task.Param.Frame}}}}

  - name: Movie
    dependencies:
      - dependsOn: Render
    script:
      actions:
        onRun:
          command: "{{{{Param.Livescape}}}}"
          args:
            - movie
            - "{{{{Param.OutDir}}}}/frames"
            - "{{{{Param.OutDir}}}}/{{{{Param.Name}}}}.mp4"
            - --frames
            - "{{{{Param.Frames}}}}"
            - --fps
            - "{fps:g}"
            - --progress
            - openjd
"""


def write_bundle(folder: Path, name: str, first: int, last: int, fps: float) -> None:
    """Write ``template.yaml`` and the script that renders frames into a shot's folder."""
    shutil.copyfile(Path(__file__).with_name(RENDER), folder / RENDER)
    plain = name.replace("\\", "\\\\").replace('"', '\\"')
    text = _TEMPLATE.format(
        name=plain, blend=f"{plain}.blend", render=RENDER, first=first, last=last, fps=fps
    )
    with whole_file(folder / "template.yaml") as partial:
        partial.write_text(text, encoding="utf-8")
