"""What the stages of a run are called in the panel."""

from __future__ import annotations

_NAMES = {
    "queue": "Waiting for its turn",
    "load": "Loading the backend",
    "request": "Reading the request",
    "early": "First look",
    "photo": "Reading the photo",
    "layout": "Finding sky, water and ground",
    "depth": "Estimating depth",
    "layers": "Filling what is hidden",
    "motion": "Finding motion",
    "refine": "Motion in space",
    "gaussians": "Placing Gaussians",
    "views": "Views to fit to",
    "optimise": "Fitting to the photo",
    "animate": "Animating the photo",
    "deform": "Learning the motion",
    "evaluate": "Checking the scene",
    "done": "Finishing",
    "result": "Writing the scene",
    "receiving": "Receiving the scene",
}


def stage_name(stage: str) -> str:
    """Return what a stage is called; one that a newer server names is called that."""
    words = stage.replace("_", " ")
    return _NAMES.get(stage, words[:1].upper() + words[1:])
