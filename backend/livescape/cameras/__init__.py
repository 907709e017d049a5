"""Camera mathematics: projection, paths, published poses."""
