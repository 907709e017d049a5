"""Servers on other machines: keys, the line that introduces a machine, which servers are known.

``docs/remote.md`` says how it is used, ``docs/protocol.md`` what travels.
"""
