"""Waiting for what must come, however busy the machine is: nothing in the tests measures speed."""

import time
from collections.abc import Callable

PATIENCE = 180
"""Seconds after which a test gives up on what it waits for."""


def until(condition: Callable[[], object], message: Callable[[], str] = str) -> None:
    """Wait until a condition holds; fail with a message where it never does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, message()
        time.sleep(0.02)
