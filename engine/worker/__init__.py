"""Work as messages: tasks, and the process that does them."""
