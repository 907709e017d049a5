"""Scenarios: ``run(rig)`` is a generator that yields seconds to wait."""
