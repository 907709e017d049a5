"""The stages of the pipeline, one file each: ``NAME``, ``VERSION`` and ``run(context, ...)``.

A stage's inputs and result are small frozen types; what it knows of its subject is in the room of
that name. Raise a stage's ``VERSION`` where its result changes though no source of ours does, as
when a library's results change.
"""
