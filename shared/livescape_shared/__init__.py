"""What the Blender add-on and the compute backend share: records, settings, messages, files.

Nothing here imports torch, bpy or zmq; the dependencies are numpy, msgpack,
platformdirs and zstandard.
"""

__version__ = "0.1.0"
