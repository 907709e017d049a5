"""Pictures: read, write, sample, smooth, resample."""
