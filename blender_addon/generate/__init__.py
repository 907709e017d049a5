"""From the artist's settings to a finished object: plain functions, driven by the operators."""
