"""View layers and compositor nodes that finish a render: exact sRGB blending, a true depth pass."""
