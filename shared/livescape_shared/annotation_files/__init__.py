"""What moves and what stands, as other programs write it; see ``docs/inputs.md``."""
