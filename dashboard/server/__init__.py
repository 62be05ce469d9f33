"""The server beside its pages: the gate, workers, sessions, uploads, kept runs, limits."""
