"""A shot as a folder that a render farm can take: the .blend, its caches, a job."""
