"""How scenes are packed on their way from another computer."""

from __future__ import annotations

from livescape_shared.packing import PLAIN, ZSTD, ZSTD_FLOAT16

LOSSLESS = "LOSSLESS"

COMPRESSIONS = (
    ("NONE", "None", "Fastest in a fast network: scenes come as they are"),
    (LOSSLESS, "Lossless", "Smaller, and equal to the bit"),
    (
        "HALF",
        "Lossless, Movement in 16 Bits",
        "About half as large again. How far a Gaussian has moved is off by at most 1/2048 of that "
        "distance, all else is equal to the bit",
    ),
)
"""Items of the property."""

ENCODINGS = {"NONE": PLAIN, LOSSLESS: ZSTD, "HALF": ZSTD_FLOAT16}
"""What the client asks the server for; a server that cannot pack sends scenes as they are."""
