"""Learned depth networks: one file a family, each from a photograph to a raw prediction."""
