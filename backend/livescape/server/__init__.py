"""The local server: a ZeroMQ socket on the loopback, a queue of jobs and one worker process.

The promises it keeps are written in ``docs/protocol.md``. From the outside in:
``command`` (options) -> ``serve`` (the loop) -> ``router`` (what each message does) ->
``scheduler`` (queue and worker) -> ``jobs``, ``results``; ``worker`` runs in a child process.
"""
