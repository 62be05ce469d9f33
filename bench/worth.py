"""The worth of scores: `python -m bench.worth --table FILE … [--out assets/worth.json]`.

On each table of accuracies, of which none ships: Spearman's rank correlation of every measure that a proxy
stands for with the accuracies, that of the parameter count on the same architectures beside it, seed 0; and in a space
that can be listed the accuracies of the cells that the searches of every proxy find. Measures that run the network of
each architecture are taken of a fixed sample, with Gaussian noise labelled at random, and with digits.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench.table import parser
from engine import MEASURES, PROXIES, SearchConfig, __version__, parse_genotype
from engine.common.documents import DocumentPart
from engine.data.images import DATA, Data, gaussian, load_data
from engine.genotypes.population import Population, listable
from engine.studies.evidence import EvidenceQuestion, evidence, measured_architectures
from engine.studies.found_cells import column_summary
from engine.studies.seeds import study_seeds
from engine.studies.statistics import Interval, expected_best
from engine.studies.worth import PROXY_MEASURES
from engine.studies.worth_document import (
    SCHEMA,
    TRAININGS,
    Finding,
    Ranking,
    SpaceFigures,
    WorthDocument,
)
from engine.tables import AccuracyTable, load_table
from engine.tables.table import FACTS

TITLES = {
    "nas-bench-201": ("NAS-Bench-201", "Dong & Yang, ICLR 2020"),
    "darts": ("NAS-Bench-301 surrogate", "genotypes and predictions of NAS-Bench-Suite-Zero"),
}
"""The name and the source of the table of a space."""
SAMPLES = {"nas-bench-201": {"gaussian": 1000, "digits": 100}, "darts": {"gaussian": 60}}
"""The architectures of a measure that runs the network of each, by its images."""
SEEDS = {"freeflow": 100, "params": 4, "zero-cost-pt-flow": 8, "snip": 2, "gradient-norm": 2, "grasp": 2}
"""The seeds under which a proxy searches, on noise if it looks at images; one of half a minute a search has none."""
LIMITS = (900_000,)
"""The limits of parameters under which FreeFlow searches too."""


def labelled(name: str) -> Data:
    """Return the images called `name`, noise with random labels."""
    if (images := load_data(name)) is not None:
        return images
    noise = gaussian(0, 128)
    labels = np.random.default_rng((0, 1)).integers(noise.classes, size=len(noise))
    return replace(noise, labels=labels)


def rankings(table: AccuracyTable, column: str) -> Iterator[Ranking]:
    """Rank the architectures of a table by every measure that a proxy stands for."""
    names = dict.fromkeys(PROXY_MEASURES.values())
    quick = [name for name in names if not MEASURES[name].one_by_one]
    slow = [name for name in names if MEASURES[name].one_by_one]
    yield from _rankings(table, EvidenceQuestion(column=column, measures=(*quick, "params")), None)
    for data, sample in SAMPLES[table.population.space.name].items():
        question = EvidenceQuestion(
            column=column, measures=(*slow, "params"), sample=sample, data=data, net_size="full"
        )
        yield from _rankings(table, question, data)


def _rankings(table: AccuracyTable, question: EvidenceQuestion, data: str | None) -> Iterator[Ranking]:
    images = None if data is None else labelled(data)
    *scores, params = evidence(table, question, images=images).scores
    for score in scores:
        facts = {"measure": score.name, "data": data, "seed": question.seed, "architectures": score.architectures}
        numbers = {"spearman": _correlation(score.spearman), "params": _correlation(params.spearman)}
        yield Ranking.model_validate(facts | numbers | {"date": _today()})


def _correlation(interval: Interval) -> dict[str, float]:
    return {name: round(value, 4) for name, value in vars(interval).items()}


def findings(table: AccuracyTable, column: str) -> Iterator[Finding]:
    """Search with every proxy and recipe, and look up what they find."""
    for name in SEEDS:
        for recipe in PROXIES[name].recipes:
            data = DATA[0] if PROXIES[name].needs_data else None
            yield finding(table, column, {"proxy": name, "recipe": recipe, "data": data, "max_params": None})
    for limit in LIMITS:
        yield finding(table, column, {"proxy": "freeflow", "recipe": "synaptic", "data": None, "max_params": limit})


def finding(table: AccuracyTable, column: str, question: dict[str, Any]) -> Finding:
    """Search with one recipe under many seeds."""
    space = table.population.space.name
    config = SearchConfig.model_validate({"space": space, "device": "cpu"} | question)
    study = study_seeds(config, range(SEEDS[config.proxy]))
    cells = Population.of(space, [parse_genotype(text, space) for text in study.notations])
    summary = column_summary(table, column, table.lookup(cells, column))
    numbers = {
        "seeds": len(study.seeds),
        "rounding": study.rounding,
        "mean": round(summary.mean, 3),
        "sd": round(float(np.nan_to_num(summary.sd)), 3),
        "least": summary.worst,
        "largest": summary.best,
        "rank": summary.median_rank,
    }
    return Finding.model_validate(question | numbers | {"date": _today()})


def space_figures(table: AccuracyTable) -> SpaceFigures:
    """Measure everything on the first column of accuracies of a table, and print it as it comes."""
    (column, *_) = table.accuracies()
    population, accuracies = measured_architectures(table, column.name)
    name, started = population.space.name, time.process_time()
    title, source = TITLES[name]
    benchmark = {
        "title": title,
        "source": source,
        **{fact: getattr(column, fact) for fact in (*FACTS, "surrogate")},
        "architectures": len(accuracies),
        "best": float(accuracies.max()),
        "random": [round(float(best), 3) for best in expected_best(accuracies, TRAININGS)],
    }
    parts: dict[str, list[DocumentPart]] = {"rankings": [], "findings": []}
    found = findings(table, column.name) if listable(population.space) else ()
    for part, figures in (("rankings", rankings(table, column.name)), ("findings", found)):
        for figure in figures:
            print(name, f"{time.process_time() - started:.0f} s of the CPU", figure, flush=True)
            parts[part].append(figure)
    return SpaceFigures.model_validate({"space": name, "table": benchmark, **parts})


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def main() -> None:
    """Measure, print and write."""
    arguments = parser(__doc__)
    arguments.add_argument("--table", action="append", required=True, metavar="FILE", help="a table of accuracies")
    options = arguments.parse_args()
    figures = [space_figures(load_table(Path(file), trusted=True)) for file in options.table]
    document = WorthDocument(schema_=SCHEMA, engine=__version__, spaces=figures)
    if options.out is not None:
        options.out.write_text(document.model_dump_json(by_alias=True, indent=2) + "\n")


if __name__ == "__main__":
    main()
