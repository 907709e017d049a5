"""What the Blender add-on and the compute backend both know: records, settings, messages, files.

Nothing here imports torch, bpy or zmq; numpy and msgpack are the only dependencies.
"""

__version__ = "0.1.0"
