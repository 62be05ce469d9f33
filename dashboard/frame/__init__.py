"""The frame around every page: the script of a session and its start, the life of a server and its log."""
