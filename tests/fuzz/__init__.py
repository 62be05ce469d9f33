"""Fuzzing of what reads what people bring: `python -m tests.fuzz TARGET --seconds 60`, with atheris, by coverage."""
