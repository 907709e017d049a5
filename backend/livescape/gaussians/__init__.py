"""3D Gaussians: rasterise them on either engine, and fit them to views."""
