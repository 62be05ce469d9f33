"""Three cells of NAS-Bench-201 whose numbers are known by hand."""

import numpy as np
import pytest

from dashboard.atlas.quantities import Quantity
from engine import parse_genotype
from engine.genotypes.population import Population

CONVOLUTIONS = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
SKIPS = CONVOLUTIONS.replace("nor_conv_3x3", "skip_connect")
MIXED = "|nor_conv_1x1~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"
DEAD = CONVOLUTIONS.replace("nor_conv_3x3", "none")


@pytest.fixture
def population() -> Population:
    """Convolutions only, skips only, a mixed cell, and one through which nothing flows."""
    return Population.of("nas-bench-201", [parse_genotype(text) for text in (CONVOLUTIONS, SKIPS, MIXED, DEAD)])


@pytest.fixture
def quantities() -> dict[str, Quantity]:
    return {
        "accuracy": Quantity("accuracy", "Accuracy", "%", np.array([93.76, 54.29, np.nan, 10.0])),
        "flow": Quantity("flow", "log-flow", "log R", np.array([112.9, 20.5, 60.25, -np.inf])),
        "macs": Quantity("macs", "MACs", "M", np.array([220.1, 7.8, 100.0, 7.8]), cost=True),
    }
