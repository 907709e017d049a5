"""The local server: a ZeroMQ socket on the loopback, a queue of jobs and one worker process.

Its guarantees are described in ``docs/protocol.md``. From the outside in:

* ``command`` (options) -> ``serve`` (the loop; ``state_folder``, ``endpoint``, ``lifetime``)
* -> ``router`` (what each message does; ``outbound``)
* -> ``scheduler`` (the queue) -> ``registry`` (``jobs``, ``journal``, ``results``, ``recovery``)
* -> ``runner`` (one job at a time; ``worker_process``) -> ``worker``, in a child process.

``failures`` makes the errors for when that goes wrong.
"""
