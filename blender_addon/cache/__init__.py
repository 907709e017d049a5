"""The folder beside the .blend that holds a generated scene."""
