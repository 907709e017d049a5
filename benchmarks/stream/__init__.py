"""How fast results are streamed, against a bare ZeroMQ loop, and how many bytes they have."""
