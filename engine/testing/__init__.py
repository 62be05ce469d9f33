"""Contract suites for layers, operations, spaces, proxies and measures, one's own included.

Each takes the object itself, registered or not, and raises `AssertionError` with a sentence on the first thing that
does not hold.
"""

from engine.testing.layer import check_layer
from engine.testing.measure import check_measure
from engine.testing.operation import check_operation
from engine.testing.proxy import check_proxy
from engine.testing.space import check_space

__all__ = ["check_layer", "check_measure", "check_operation", "check_proxy", "check_space"]
