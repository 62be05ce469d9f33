"""The vocabulary: layers as plain data, and the registry of candidate operations."""
