from __future__ import annotations

import numpy as np
import pytest

from engine.genotypes.population import Population
from engine.studies.evidence import EvidenceQuestion, evidence
from tests.engine.studies.made import CONVS, made, parsed


@pytest.fixture(scope="module")
def table():
    rows = np.random.default_rng(0).choice(np.arange(1, 15624), 199, replace=False)
    whole = Population.whole("nas-bench-201")
    convs = int(whole.rows_of(Population.of("nas-bench-201", [whole.genotype(0), *parsed(CONVS)]))[1])
    return made(whole.take(np.append(rows[rows != convs], convs)), missing=9)


@pytest.fixture(scope="module")
def measured(table):
    return evidence(
        table,
        EvidenceQuestion(column="acc", measures=("flow", "params"), columns=("proxy|log", "one"), seed=2, resamples=40),
    )
