"""Networks that a user may download: what there is, where they lie, how they are fetched."""
