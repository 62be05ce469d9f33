"""The page Viewer."""
