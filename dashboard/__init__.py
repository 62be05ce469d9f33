"""The dashboard: everything that draws. It never imports torch; the engine's worker process computes."""
