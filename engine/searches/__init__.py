"""A search: its configuration, pruning, budget, result."""
