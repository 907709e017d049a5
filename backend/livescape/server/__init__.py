"""The server: its ZeroMQ sockets, a queue of jobs and what computes them.

Its guarantees are described in ``docs/protocol.md``. From the outside in:

* ``command`` (options) -> ``serve`` (the loop; ``state_folder``, ``endpoint``, ``lifetime``)
* -> ``doors`` (its sockets), ``gate``, ``entry`` and ``greeting`` (who may enter; from other
  machines: ``remote``) -> ``router`` (where each message goes; ``refusals``)
* -> ``sessions`` (who is connected; ``outbound``), ``desk`` (reads requests) and ``orders`` (what
  each message does; ``standing``)
* -> ``scheduler`` (the queue; ``recovery``) -> ``registry`` (every job: ``jobs``, ``journal``,
  ``results``; ``journal_writer`` and ``removal`` have threads of their own)
* -> ``executor`` (``local_workers`` on this machine, or the lanes of a ``cluster``) -> ``runner``
  (one job at a time)
* -> ``worker`` in a child process (``worker_process``), or ``cluster_driver`` in one and
  ``cluster_task`` on a node -> ``computing``

``failures`` makes the errors for when that goes wrong.
"""
