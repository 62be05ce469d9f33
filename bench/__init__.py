"""Benchmarks: scripts that measure and print."""
