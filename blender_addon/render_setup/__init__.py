"""Making a scene's render settings right for Gaussians, revertibly."""
