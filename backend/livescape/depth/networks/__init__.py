"""Learned depth networks: one file per family, each from a photograph to a raw prediction."""
