"""What the settings and their values are called where an artist sees them, and what each does.

One entry for each field of :class:`~livescape_shared.settings.GenerateSettings`, in the groups in
which they are shown, and one for each value that is chosen by name.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """A name in title case, and a sentence without a full stop."""

    name: str
    what: str


@dataclass(frozen=True)
class Group:
    """Settings that are shown together.

    Attributes:
        name: Its heading.
        settings: Names of its settings.
    """

    name: str
    settings: tuple[str, ...]


GROUPS = (
    Group("Detail", ("working_size", "gaussian_budget", "fit_iterations", "density")),
    Group("Motion", ("motion", "mask", "speed", "loop", "loop_frames")),
    Group("Depth and Hidden Parts", ("depth", "depth_values", "inpainting")),
    Group("Training Views", ("views", "view_set", "view_margin")),
    Group(
        "Moving Gaussians",
        ("solver", "deform", "deform_iterations", "deform_terms", "animator", "animated_views"),
    ),
    Group("Colour and Chance", ("exposure", "blend", "seed")),
)
"""All settings, those that are changed most often first."""

SETTINGS = {
    "working_size": Words(
        "Photo Size",
        "Long side in pixels of the photo that is worked on. Larger is sharper and takes longer",
    ),
    "gaussian_budget": Words(
        "Gaussians",
        "Most Gaussians that the scene may have, including copies of moving ones. A coarse cover "
        "of the whole picture is always made, even if it needs more",
    ),
    "views": Words(
        "Views", "Views along and around the camera's path that are fitted, with the photo's"
    ),
    "inpainting": Words("Filling", "What invents the picture behind things and beyond the frame"),
    "view_set": Words("Cameras", "From where the scene is fitted"),
    "view_margin": Words(
        "Straying",
        "How far views leave the camera's path, as a part of how far it moves sideways",
    ),
    "fit_iterations": Words(
        "Fitting Steps", "Steps in which the Gaussians are fitted to the photo and its views"
    ),
    "solver": Words("In Space", "How the motion seen in pictures becomes one motion in space"),
    "density": Words(
        "While Fitting", "Whether Gaussians are merged and split where that is of use"
    ),
    "deform": Words("Paths", "How moving Gaussians move along their paths"),
    "deform_iterations": Words(
        "Motion Steps", "Steps in which the moving Gaussians are trained on the animated photo"
    ),
    "deform_terms": Words(
        "Path Detail", "Parts of which the path of each moving Gaussian is put together"
    ),
    "loop": Words("Loop", "Whether the motion repeats"),
    "loop_frames": Words("Loop Length", "Frames after which the motion repeats, where it loops"),
    "speed": Words("Speed", "Factor by which the motion that was found is multiplied"),
    "exposure": Words(
        "Exposure",
        "Stops by which a photo of linear light is brightened: OpenEXR, Radiance HDR, "
        "floating-point TIFF",
    ),
    "depth": Words("Depth", "How far away everything is"),
    "depth_values": Words("Depth Values", "What the numbers of a depth map mean"),
    "mask": Words("Mask Marks", "Which pixels of a motion mask move"),
    "motion": Words("Motion From", "Where the motion in the photo comes from"),
    "animator": Words("Animated By", "What moves the photo that moving Gaussians are trained on"),
    "animated_views": Words(
        "Animated From", "Views whose animation moving Gaussians are trained on"
    ),
    "blend": Words("Blended In", "Colour space in which Gaussians that overlap are mixed"),
    "seed": Words("Seed", "Start of all random choices. Another number gives another variant"),
}

CHOICES = {
    "depth_values": {
        "auto": Words("Guess", "Guessed from the photo, and said"),
        "metres": Words("Metres", "How far away each pixel is"),
        "millimetres": Words("Millimetres", "As depth cameras store it"),
        "inverse": Words("Nearness", "Larger is nearer, as depth networks write it"),
        "linear": Words("Distance up to Scale", "Larger is farther, in no particular unit"),
    },
    "mask": {
        "bright": Words("Bright Moves", "Bright pixels of the mask move"),
        "dark": Words(
            "Dark Moves",
            "Dark pixels of the mask move: it is inverted. Where labels say what moves, they do",
        ),
    },
    "blend": {
        "linear": Words("Linear Light", "As Blender mixes: renders show what was fitted"),
        "srgb": Words(
            "Display sRGB",
            "As other splat programs mix. In Blender it is exact with Compositing set up alone",
        ),
    },
    "depth": {
        "popup": Words("From the Layout", "Built in: ground, water, sky and what stands on them"),
        "file": Words("From a File", "The depth map that is chosen under Motion"),
        "depth_anything_v2": Words("Depth Anything V2", "A network that must be downloaded"),
        "depth_anything_3": Words("Depth Anything 3", "A network that must be downloaded"),
        "depth_pro": Words("Depth Pro", "A network that must be downloaded"),
        "moge_2": Words("MoGe-2", "A network that must be downloaded"),
        "zoedepth": Words("ZoeDepth", "A network that must be downloaded"),
    },
    "motion": {
        "auto": Words("The Photo", "Water and sky are found and move as they usually do"),
        "hints": Words("Your Hints", "Arrows and regions that you have drawn"),
        "file": Words("A Flow File", "The motion in pixels that is stored in a file"),
        "video": Words("A Clip", "A short video of the same place"),
        "network": Words("A Network", "A motion network whose file is on the server"),
        "none": Words("Nothing Moves", "A scene that stands still"),
    },
    "animator": {
        "splat": Words("Built In", "Pixels are carried along and blended"),
        "network": Words("A Network", "An animation network whose file is on the server"),
    },
    "animated_views": {
        "centre": Words("The Photo", "Only from where the photo was taken"),
        "all": Words("All Views", "From up to four further views too, which takes longer"),
    },
    "solver": {
        "irls": Words("Robust Fit", "Finds the one motion that most views agree on, and converges"),
        "sgd": Words("Gradient Descent", "As the 3D-MRM paper does it, slower"),
        "none": Words("Photo Alone", "The photo's own motion, without other views"),
    },
    "deform": {
        "auto": Words("Automatic", "The one that shows best: own paths"),
        "basis": Words("Own Paths", "Each Gaussian has a path of its own, which is trained"),
        "symmetric": Words("Own Paths, Colours Trained", "Paths stay as they were found"),
        "hexplane": Words("HexPlane", "One small network moves all Gaussians, as in the paper"),
        "drift": Words("Drift", "As the paper's released code: it does not close the loop"),
    },
    "loop": {
        "auto": Words("Automatic", "The frames of a shot of up to 250 frames, else a loop"),
        "on": Words("Repeats", "The motion plays for ever"),
        "off": Words("Plays Once", "The frames of the shot once; nothing is seen twice"),
    },
    "density": {
        "adaptive": Words("Merged and Split", "Detail goes where the picture needs it"),
        "fixed": Words("As They Are", "Faster, with the Gaussians that it begins with"),
    },
    "inpainting": {
        "patchmatch": Words("Texture", "Built in: continued with pieces of the photo"),
        "lama": Words("LaMa", "A network that must be downloaded"),
        "stable_diffusion": Words("Stable Diffusion", "A large network that must be downloaded"),
    },
    "view_set": {
        "path": Words("Along the Path", "Views on the camera's path and a little beside it"),
        "released": Words("25 as Released", "The views of the 3D-MRM paper's released code"),
        "paper": Words("105 as in the Paper", "The views that the 3D-MRM paper describes"),
    },
}
"""By the name of the setting, then by its value."""
