"""From one 3D motion to 4D Gaussians: trajectories, their basis, joint training."""
