"""Images for the scores that look at some."""
