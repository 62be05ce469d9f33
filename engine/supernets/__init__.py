"""Supernets: their specification, their frozen weights, the passes over them."""
