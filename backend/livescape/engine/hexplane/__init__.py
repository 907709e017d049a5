"""HexPlane features: planes in plain torch, and the fused gather of the CPU."""
