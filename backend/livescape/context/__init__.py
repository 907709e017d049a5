"""What a run carries: device, threads, checkpoints, cache, progress and cancel."""
