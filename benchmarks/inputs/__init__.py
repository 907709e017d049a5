"""Files that other programs wrote, read here; and ours, read by them."""
