"""What the numbers of a picture mean: its own colour description, brought to display sRGB."""
