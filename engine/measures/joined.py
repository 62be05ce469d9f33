"""Several measures as one, by the sum of log(rank / N) over them, which is high for high ranks in all of them.

The ranking aggregation of AZ-NAS (Lee & Ham, CVPR 2024, arXiv 2403.19232). A rank is a place among the architectures
that are compared, so a joined score has no meaning outside its population.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import quoted
from engine.common.ties import Rounding
from engine.genotypes.population import Population
from engine.measures.base import Measure, MeasureSetting, plan_of

RANK_ROUNDING = Rounding(absolute=1e-12)
"""The precision of a joined score, in its own unit: a sum of a few logarithms in float64.

Ranks are exact, as their measures say what is tied. The same ranks in another order make the same score but for the
last bits, at most 1.5e-14 for four measures of 15,625 architectures.
"""


def log_rank_sum(scores: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return Σ log(rank / N) over measures, each `(architectures,)`; rank 1 is the lowest score, ties take their mean.

    Scores that are not exact must be tied before (`engine.common.ties`). An architecture without a score (nan) ranks
    with the lowest, -inf. `ValueError` for no measures, or unequal numbers of scores.
    """
    from scipy.stats import rankdata

    if not scores or len({len(values) for values in scores}) > 1:
        raise ValueError("at least one measure is needed, and all must score the same architectures")
    ranks = [rankdata(np.where(np.isnan(values), -np.inf, values)) for values in scores]
    return np.asarray(sum(np.log(rank / len(rank)) for rank in ranks))


def join_measures(measures: Sequence[Measure]) -> Measure:
    """Build the measure that joins these, in this order; `ValueError` for fewer than two, or one twice."""
    names = [measure.name for measure in measures]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"{quoted('+'.join(names))} given; two or more different measures can be joined")

    def of(population: Population, setting: MeasureSetting) -> NDArray[np.float64]:
        steps = len(population) / len(measures)
        setting.work.plan(plan_of(measures, population, setting, steps))
        scores = [measure.scores(population, replace(setting, work=setting.work.part(steps))) for measure in measures]
        setting.work.report()
        return log_rank_sum(scores)

    return Measure(
        name="+".join(names),
        title=" + ".join(measure.title for measure in measures),
        unit="Σ log(rank / N)",
        summary="their ranks among the architectures compared, joined",
        source=f"joined as in Lee & Ham, CVPR 2024: {'; '.join(dict.fromkeys(measure.source for measure in measures))}",
        of=of,
        rounding=RANK_ROUNDING,
        needs_labels=any(measure.needs_labels for measure in measures),
        needs_data=any(measure.needs_data for measure in measures),
    )
