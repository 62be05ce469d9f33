"""Derived networks: modules, parts, cost, latency."""
