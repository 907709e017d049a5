"""Networks that a user may download: which exist, where they are kept, how they are fetched."""
