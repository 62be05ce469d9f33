"""The forms in which a genotype leaves: pictures, notations, PyTorch source."""
