"""What moves and how, drawn on the photo: strokes in the .blend, what the backend takes of them."""
