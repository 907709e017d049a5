"""The CPU engine: Numba kernels that rasterise Gaussians with gradients on a thread pool."""
