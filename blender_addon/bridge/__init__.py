"""The client half: finds or starts a server, speaks the protocol, puts results together.

Knows nothing of Blender; plain functions that a timer, a loop or a test drives.
"""
