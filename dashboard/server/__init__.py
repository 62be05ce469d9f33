"""What a server has beside its pages: workers, sessions, kept runs, limits."""
