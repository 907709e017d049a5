"""Files by which splats come from and go to other programs."""
