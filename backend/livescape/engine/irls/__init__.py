"""Robust least squares of one 3D motion a point (Eq. 7), on the CPU and on torch devices."""
