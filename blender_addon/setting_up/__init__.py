"""Setting up the backend: an environment of its own in the extension's folder, made by uv.

Only ``running.py`` and ``standing.py`` know Blender. The others say what is installed, where, by
which commands, and do it in a thread that runs child processes; tests run them without Blender.
"""
