"""What the artist sets (on the scene) and what is happening now (on the window manager)."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import bpy

from livescape_shared import setting_words
from livescape_shared.request import FILES as REQUEST_FILES
from livescape_shared.setting_words import SETTINGS
from livescape_shared.settings import (
    CHOICES,
    MOTION_OF_FILE,
    PRESETS,
    RANGES,
    GenerateSettings,
    preset_settings,
)

from .camera.properties import LivescapeCameraSettings
from .motion import properties as motion_properties
from .paths import named_path
from .photo import looking
from .translations import use_context

DEFAULT_PRESET = "preview"
FILES = tuple(name for name in REQUEST_FILES if name != "photo")
"""Inputs besides the photo, each named by a property ``<name>_file``."""

_PATH_OPTIONS: Any = {"PATH_SUPPORTS_BLEND_RELATIVE"}


def _setting_property(name: str, default: Any) -> Any:
    words = SETTINGS[name]
    label: dict[str, Any] = {"name": words.name, "description": words.what}
    if name in CHOICES:
        told = setting_words.CHOICES[name]
        items = [(each, told[each].name, told[each].what) for each in CHOICES[name]]
        return bpy.props.EnumProperty(items=items, default=default, **label)
    low = min(0, RANGES[name][0])
    if isinstance(default, int):
        return bpy.props.IntProperty(default=default, min=int(low), **label)
    return bpy.props.FloatProperty(default=default, min=low, **label)


def _setting_properties() -> dict[str, Any]:
    defaults = preset_settings(DEFAULT_PRESET)
    return {
        field.name: _setting_property(field.name, getattr(defaults, field.name))
        for field in fields(GenerateSettings)
    }


def _apply_preset(group: LivescapeSettings, context: bpy.types.Context) -> None:
    for name, value in preset_settings(group.preset).to_dict().items():
        setattr(group, name, value)


def _look_at_photo(group: LivescapeSettings, context: bpy.types.Context) -> None:
    """Look at the photo, so that the panel can say what the frame shows of it."""
    group.photo_size = (0, 0)
    if group.photo:
        looking.begin(named_path(group.photo))


def _file(label: str, description: str) -> Any:
    return bpy.props.StringProperty(
        name=label, description=description, subtype="FILE_PATH", options=_PATH_OPTIONS
    )


class LivescapeSettings(bpy.types.PropertyGroup):
    """Inputs and settings of the next generation; one property per backend setting besides."""

    photo: bpy.props.StringProperty(
        name="Photo",
        description="The photograph to bring to life",
        subtype="FILE_PATH",
        options=_PATH_OPTIONS,
        update=_look_at_photo,
    )
    photo_size: bpy.props.IntVectorProperty(size=2, options={"HIDDEN"})
    frame: bpy.props.EnumProperty(
        name="Frame",
        description="How a photo lies in a frame of another shape",
        items=[
            ("CROP", "Crop", "The photo fills the frame; what does not fit lies beyond its edge"),
            ("FIT", "Fit", "All of the photo is in the frame; the rest of the frame is empty"),
        ],
    )
    preset: bpy.props.EnumProperty(
        name="Preset",
        description="How much time to spend. Choosing a preset fills in every setting below",
        items=[(name, name.title(), preset.description) for name, preset in PRESETS.items()],
        default=DEFAULT_PRESET,
        update=_apply_preset,
    )
    depth_file: _file("Depth Map", "A depth map to use instead of an estimated one")
    mask_file: _file(
        "Motion Mask",
        "An image that is bright where the photo should move, or masks and outlines of other "
        "programs: a folder, NumPy, labelme, COCO or SAM",
    )
    hints_file: _file("Motion Hints", "A labelme or COCO JSON: what moves, what stands, hint lines")
    flow_file: _file("Flow", "A .npy or .npz file of the motion in pixels per frame")
    clip_file: _file(
        "Clip", "A short video of the same place in motion, filmed without moving the camera"
    )
    use_first_frame: bpy.props.BoolProperty(
        name="Photo at First Frame",
        description="The camera took the photo from where it is at the first frame. "
        "Turn this off to choose another frame",
        default=True,
    )
    reference_frame: bpy.props.IntProperty(
        name="Photo Frame",
        description="Frame at which the camera is where the photo was taken from",
        default=1,
    )
    show_early: bpy.props.BoolProperty(
        name="Show Coarse Scenes",
        description="Show the photo in depth within seconds, then coarse motion, while the scene "
        "is made. The finished scene is the same",
        default=True,
    )
    object_name: bpy.props.StringProperty(
        name="Name",
        description="Name of the object. Its cache folders begin with it",
        default="Livescape",
    )
    drawn: bpy.props.PointerProperty(type=motion_properties.DrawnMotion)
    camera: bpy.props.PointerProperty(type=LivescapeCameraSettings)


LivescapeSettings.__annotations__.update(_setting_properties())


class LivescapeState(bpy.types.PropertyGroup):
    """What is going on now; nothing of it is saved."""

    is_running: bpy.props.BoolProperty(options={"SKIP_SAVE"})
    is_cancelling: bpy.props.BoolProperty(options={"SKIP_SAVE"})
    stage: bpy.props.StringProperty(options={"SKIP_SAVE"})
    fraction: bpy.props.FloatProperty(min=0.0, max=1.0, options={"SKIP_SAVE"})
    owner: bpy.props.StringProperty(options={"SKIP_SAVE"})
    elapsed: bpy.props.StringProperty(options={"SKIP_SAVE"})
    left: bpy.props.StringProperty(options={"SKIP_SAVE"})
    error_code: bpy.props.StringProperty(options={"SKIP_SAVE"})
    error_message: bpy.props.StringProperty(options={"SKIP_SAVE"})
    error_hint: bpy.props.StringProperty(options={"SKIP_SAVE"})
    error_details: bpy.props.StringProperty(options={"SKIP_SAVE"})
    note: bpy.props.StringProperty(options={"SKIP_SAVE"})
    lacking: bpy.props.StringProperty(options={"SKIP_SAVE"})
    warnings: bpy.props.StringProperty(options={"SKIP_SAVE"})


def settings_of(scene: Any) -> LivescapeSettings:
    """Return what the artist has set in a scene."""
    group: LivescapeSettings = scene.livescape
    return group


def state_of(context: Any) -> LivescapeState:
    """Return what is going on now."""
    state: LivescapeState = context.window_manager.livescape
    return state


def _plain(value: Any) -> Any:
    """Return a property's value as it was typed: Blender keeps numbers in single precision."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


def chosen_settings(group: LivescapeSettings) -> GenerateSettings:
    """Return the settings as the backend wants them; a file that is given is used.

    Raises:
        LivescapeError: ``settings_invalid``.
    """
    values = {field.name: _plain(getattr(group, field.name)) for field in fields(GenerateSettings)}
    if group.depth_file:
        values["depth"] = "file"
    for name, motion in MOTION_OF_FILE.items():
        if getattr(group, f"{name}_file"):
            values["motion"] = motion
            break
    return GenerateSettings.from_dict(values)


def edited(group: LivescapeSettings) -> bool:
    """Whether a setting is no longer what the preset has set it to; the seed is only chance."""
    preset = preset_settings(group.preset).to_dict()
    return any(
        _plain(getattr(group, name)) != value for name, value in preset.items() if name != "seed"
    )


def reference_frame(scene: bpy.types.Scene) -> int:
    """Return the frame whose camera took the photo."""
    group = settings_of(scene)
    return int(scene.frame_start if group.use_first_frame else group.reference_frame)


def frame_rate(scene: bpy.types.Scene) -> float:
    """Return the frames per second of a scene."""
    return float(scene.render.fps / scene.render.fps_base)


def named_files(group: LivescapeSettings) -> dict[str, Path]:
    """Return the files that the artist has named besides the photo, by what they are."""
    named = {name: getattr(group, f"{name}_file") for name in FILES}
    return {name: named_path(text) for name, text in named.items() if text}


KEPT = (
    "preset",
    "photo",
    "frame",
    "object_name",
    *(f"{name}_file" for name in FILES),
    "use_first_frame",
    "reference_frame",
    *(field.name for field in fields(GenerateSettings)),
)
"""What a generation remembers of the settings, the preset first."""

CLASSES = (LivescapeCameraSettings, LivescapeSettings, LivescapeState)


def register() -> None:
    """Register both groups and hang them on scene and window manager."""
    motion_properties.register()
    for cls in CLASSES:
        use_context(cls)
        bpy.utils.register_class(cls)
    pointer: Any = bpy.props.PointerProperty  # stubs have it return nothing
    owners: tuple[tuple[Any, Any], ...] = (
        (bpy.types.Scene, LivescapeSettings),
        (bpy.types.WindowManager, LivescapeState),
    )
    for owner, group in owners:
        owner.livescape = pointer(type=group)


def unregister() -> None:
    """Undo :func:`register`."""
    owner: Any
    for owner in (bpy.types.WindowManager, bpy.types.Scene):
        del owner.livescape
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
    motion_properties.unregister()
