"""The context of our words among those of Blender and of other add-ons."""

CONTEXT = "Livescape"
