"""Reading the evaluated Blender camera as a pinhole camera in OpenCV axes."""
