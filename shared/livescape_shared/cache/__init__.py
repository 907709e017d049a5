"""The folder that holds a generated scene as Blender plays it: what is in it, written and read."""
