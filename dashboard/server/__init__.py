"""The server beside its pages: workers, sessions, kept runs, limits."""
