"""The photo: finding it, looking at it beside Blender, fitting the scene to it."""
