"""One HTML file that plays a living scene in a browser."""
