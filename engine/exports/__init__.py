"""Exports of a genotype: pictures, notations, PyTorch source."""
