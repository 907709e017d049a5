"""The server: its ZeroMQ sockets, a queue of jobs and what computes them.

Its guarantees are in ``docs/protocol.md``, its files in ``docs/architecture.md``.
"""
