"""The page Genotype viewer."""
