"""Malformed and hostile input, kept as data, and sent through every door of the project."""
