"""Servers on other machines: those that are paired, which one is used, what is being asked of them.

What waits for the network is in ``bridge/remote.py`` and runs in threads of its own.
"""
