"""Architectures: one genotype, or many as a table of operations."""
