"""Photo layers, the point cloud, and the Gaussians that start from it."""
