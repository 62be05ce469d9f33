"""The worth of a score and of its results, by figures that ship and by the user's table, in short sentences.

A verdict is one of three, by the first of these rules that applies:

- A result that is marked as rounding or as a collapse is *weak*, whatever a table says.
- Where it is known how a score ranks the architectures of a table, it is *supported* if the interval of its Spearman
  correlation with accuracy lies above 0 and the correlation is at least that of the parameter count on the same
  architectures; else *weak*. A proxy of operations ranks by its measure of whole architectures.
- Where it is only known what searches find in a table, they are *supported* if that is on average at least as accurate
  as what counting parameters finds; else *weak*.
- Of all else *nothing* is *known*.

The ranking on the user's table comes before ours, our figures before the place of one cell in the user's table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from engine.data.images import DATA
from engine.genotypes.genotype import Genotype
from engine.genotypes.population import Population
from engine.measures import MEASURES
from engine.networks.cost import edge_costs
from engine.proxies import get_proxy
from engine.searches.config import SearchConfig
from engine.searches.diagnostics import COLLAPSE, ROUNDING
from engine.searches.result import SearchResult
from engine.spaces import SearchSpace, get_space
from engine.studies.evidence import Evidence, EvidenceQuestion
from engine.studies.statistics import Interval, RankRange, rank_range
from engine.studies.worth_document import Benchmark, Finding, SpaceFigures, space_figures
from engine.tables.numbers import amount
from engine.tables.table import AccuracyTable, Column

Verdict = Literal["supported", "weak", "nothing known"]
Cause = Literal["rounding", "collapse", "ranking", "finding", "standing", "nothing"]
"""The rule that gave a verdict: the order of architectures, what searches find, or the place of one in a table."""

PROXY_MEASURES = {
    "freeflow": "flow",
    "zero-cost-pt-flow": "flow",
    "zero-cost-pt-naswot": "naswot",
    "snip": "snip",
    "gradient-norm": "gradient-norm",
    "params": "params",
}
"""The measure of whole architectures that a proxy of operations is, or tries operations by."""
SLOW_SAMPLE = 300
"""The architectures of a user's table that stand for all where a measure runs the network of each."""
BAR = 5
"""The fields of the bar that shows a correlation."""


@dataclass(frozen=True)
class Correlations:
    """Spearman correlations with accuracy, of a score and of the parameter count on the same architectures.

    `basis` says which architectures these are, and what their accuracies are of.
    """

    spearman: Interval
    params: Interval
    basis: str


@dataclass(frozen=True)
class Standing:
    """The place of an architecture in a column of the user's table.

    `counted` is the mean of the architectures with the most parameters there, `random` that of all.
    """

    accuracy: float
    rank: RankRange
    architectures: int
    best: float
    counted: float
    random: float
    column: Column
    table: str

    @property
    def supports(self) -> bool:
        """Return True where counting parameters does no better."""
        own, counted = self.column.worth(np.array([self.accuracy, self.counted]))
        return bool(own >= counted)

    @property
    def text(self) -> str:
        """Return the number and its rank, such as `93.89 %, rank 77 of 15,625`; several share `166–171`."""
        ranks = dict.fromkeys(f"{rank:,.0f}" for rank in (self.rank.best, self.rank.worst))
        return f"{amount(self.accuracy, self.column.unit)}, rank {'–'.join(ranks)} of {self.architectures:,}"

    @property
    def basis(self) -> str:
        """Return the meaning of the number, and the name of the table."""
        return f"{self.column.description}, table {self.table}"


@dataclass(frozen=True)
class Worth:
    """The knowledge of a score in a space, and of one result where there is one.

    `reason` is that of the verdict in a few words, if it needs one, `sentence` says it with its numbers, `cause` is the
    rule behind it. `findings` are our figures on the searches of the proxy, on the table `benchmark`; `finding` is the
    one on the very question. `standing` is the place of the result in the user's table.
    """

    verdict: Verdict
    cause: Cause
    reason: str
    sentence: str
    correlations: Correlations | None = None
    benchmark: Benchmark | None = None
    findings: tuple[Finding, ...] = ()
    finding: Finding | None = None
    standing: Standing | None = None

    @property
    def weak(self) -> bool:
        """Return True for a verdict that a title must name."""
        return self.verdict == "weak"

    @property
    def headline(self) -> str:
        """Return the verdict with its reason."""
        return f"{self.verdict}: {self.reason}" if self.reason else self.verdict

    @property
    def spearman(self) -> str:
        """Return the correlation of the score and that of the parameter count; nothing where none is known."""
        if self.correlations is None:
            return ""
        score, params = (one.value for one in (self.correlations.spearman, self.correlations.params))
        return f"Spearman {score:z.2f} (parameters {params:z.2f})"

    @property
    def basis(self) -> str:
        """Return the architectures and accuracies behind the correlation; nothing where none is known."""
        return "" if self.correlations is None else self.correlations.basis

    @property
    def strength(self) -> int | None:
        """Return the correlation as fields of a bar of `BAR`; None where none is known."""
        return None if self.correlations is None else round(BAR * max(self.correlations.spearman.value, 0.0))

    @property
    def accuracy(self) -> str:
        """Return the accuracy of the result and its rank, in the user's table or else by our figures, if known."""
        if self.standing is not None:
            return self.standing.text
        if self.finding is None or self.benchmark is None:
            return ""
        return _finding_text(self.finding, self.benchmark)

    @property
    def accuracy_basis(self) -> str:
        """Return the meaning of the accuracy in `accuracy`, and whose it is."""
        if self.standing is not None:
            return self.standing.basis
        return "" if self.finding is None or self.benchmark is None else self.benchmark.description


def worth(space: str | SearchSpace, proxy: str = "freeflow", data: str = DATA[0]) -> Worth:
    """Return the worth of a proxy in a space by the figures that ship; `data` are the images of one that needs some."""
    space, score = get_space(space), get_proxy(proxy)
    question = {"space": space, "proxy": proxy} | ({"data": data} if score.needs_data else {})
    return _judge(SearchConfig.model_validate(question), (), None, None)


def result_worth(
    result: SearchResult, standing: Standing | None = None, correlations: Correlations | None = None
) -> Worth:
    """Return the worth of a result; with its place in the user's table, and what is known of its score there."""
    return _judge(result.config, [notice.code for notice in result.notices], standing, correlations)


def known_finding(config: SearchConfig) -> Finding | None:
    """Return our figure on the accuracy of what a question finds, whatever its seed; None where it was not measured."""
    findings = _findings(space_figures(config.space))
    return next((finding for finding in findings if finding.answers(config)), None)


def standing(table: AccuracyTable, column: str, genotype: Genotype) -> Standing | None:
    """Return the place of a genotype in a column of a table, some milliseconds' work; None where it is not there."""
    population = table.population
    if genotype.space != population.space:
        return None
    values, target = table.of(column), table.column(column)
    (value,) = table.lookup(Population.of(population.space, [genotype]), column)
    if np.isnan(value):
        return None
    measured = ~np.isnan(values)
    params = edge_costs(population.space)["params"].of(population)
    worths = target.worth(values)
    return Standing(
        accuracy=float(value),
        rank=rank_range(worths, float(target.worth(np.array([value]))[0])),
        architectures=int(measured.sum()),
        best=float(target.worth(np.array([np.nanmax(worths)]))[0]),
        counted=float(values[measured & (params == params[measured].max())].mean()),
        random=float(values[measured].mean()),
        column=target,
        table=table.name,
    )


def evidence_question(config: SearchConfig, column: str) -> EvidenceQuestion | None:
    """Return the question of evidence that tells how the score of a search ranks a user's table; None for no measure.

    A worker answers it as a part of `engine.studies.evidence.EvidenceTask`; `evidence_correlations` reads the answer.
    """
    measure = MEASURES.get(PROXY_MEASURES.get(config.proxy, ""))
    if measure is None or (measure.needs_data and config.data not in DATA):
        return None
    if measure.needs_labels and config.data == DATA[0]:
        return None
    names = tuple(dict.fromkeys((measure.name, "params")))
    sample = SLOW_SAMPLE if measure.one_by_one else None
    return EvidenceQuestion(column=column, measures=names, data=config.data, sample=sample)


def evidence_correlations(evidence: Evidence, proxy: str) -> Correlations | None:
    """Return the correlations of a proxy's measure and of the parameter count in evidence, None without them."""
    scores = {score.name: score.spearman for score in evidence.scores if not score.from_table}
    score, params = scores.get(PROXY_MEASURES.get(proxy, "")), scores.get("params")
    if score is None or params is None or np.isnan([score.value, params.value]).any():
        return None
    count = _count(evidence.architectures, evidence.search_space)
    return Correlations(score, params, f"{count}, {evidence.description}, table {evidence.table}")


def _finding_text(finding: Finding, benchmark: Benchmark) -> str:
    """Return the accuracy of what a question finds: with its rank, or with its spread where the seed matters."""
    if finding.certain:
        return f"{finding.mean:.2f} %, rank {finding.rank:,.0f} of {benchmark.architectures:,}"
    return f"{finding.mean:.2f} ± {finding.sd:.2f} % over {finding.seeds} seeds"


def _judge(
    config: SearchConfig, notices: Collection[str], standing: Standing | None, correlations: Correlations | None
) -> Worth:
    """Judge by the first rule that applies, and put all that is known beside the verdict."""
    figures, proxy = space_figures(config.space), get_proxy(config.proxy)
    data = config.data if proxy.needs_data else None
    findings = [one for one in _findings(figures) if (one.proxy, one.data) == (proxy.name, data)]
    correlations = correlations or _shipped_correlations(figures, config)
    judged = (
        _by_notices(notices)
        or _by_ranking(correlations, config)
        or _by_findings(findings, figures, config)
        or _by_standing(standing)
        or Worth("nothing known", "nothing", "bring a table, or train it", _nothing(config))
    )
    return replace(
        judged,
        correlations=correlations,
        benchmark=figures.table if figures is not None else None,
        findings=tuple(findings),
        finding=known_finding(config),
        standing=standing,
    )


def _findings(figures: SpaceFigures | None) -> Sequence[Finding]:
    return figures.findings if figures is not None else ()


def _shipped_correlations(figures: SpaceFigures | None, config: SearchConfig) -> Correlations | None:
    """Return our correlations of the measure of a proxy, None where it was not measured on such images."""
    measure = MEASURES.get(PROXY_MEASURES.get(config.proxy, ""))
    if figures is None or measure is None:
        return None
    images = config.data if measure.needs_data else None
    rankings = (one for one in figures.rankings if (one.measure, one.data) == (measure.name, images))
    if (ranking := next(rankings, None)) is None:
        return None
    whole = figures.table.architectures
    part = f"{ranking.architectures:,} of " if ranking.architectures < whole else ""
    basis = f"{part}{_count(whole, config.search_space)}, {figures.table.description}"
    return Correlations(ranking.spearman.interval, ranking.params.interval, basis)


def _by_notices(notices: Collection[str]) -> Worth | None:
    if ROUNDING in notices:
        return _weak("rounding", "rounding error", "The scores are rounding error: the network found means nothing.")
    if COLLAPSE in notices:
        return _weak("collapse", "no convolution", "The network found has collapsed: a cell has no convolution.")
    return None


def _by_ranking(correlations: Correlations | None, config: SearchConfig) -> Worth | None:
    """Judge by the order that the score gives to architectures."""
    if correlations is None:
        return None
    score, params, basis = correlations.spearman, correlations.params, correlations.basis
    against = f"{score.value:z.2f} against {params.value:z.2f} ({basis})"
    where, title = f"On {config.search_space.title}", get_proxy(config.proxy).title
    if score.high < params.value:
        return _weak("ranking", _COUNTING, f"{where} counting parameters ranks better: {against}.")
    if score.value < params.value:
        reason = "counting parameters does as well"
        return _weak("ranking", reason, f"{where} counting parameters ranks as well or better: {against}.")
    if score.low <= 0:
        between = f"Spearman {score.value:z.2f}, between {score.low:z.2f} and {score.high:z.2f} ({basis})"
        return _weak("ranking", "perhaps chance", f"{where} {title} may rank by chance: {between}.")
    if config.proxy == "params":
        return _supported("ranking", f"{where} counting parameters ranks with Spearman {score.value:z.2f} ({basis}).")
    better = "better than" if score.low > params.high else "as well as"
    return _supported("ranking", f"{where} {title} ranks {better} counting parameters: {against}.")


def _by_findings(findings: Sequence[Finding], figures: SpaceFigures | None, config: SearchConfig) -> Worth | None:
    """Judge by the accuracy of what searches of the recipe find without limits."""
    own = _unlimited(one for one in findings if one.recipe == config.recipe)
    counted = _unlimited(one for one in _findings(figures) if one.proxy == "params")
    if figures is None or own is None or counted is None:
        return None
    where, title = f"On {config.search_space.title}", get_proxy(config.proxy).title
    basis = f"{own.seeds} seed{'s' * (own.seeds != 1)}, {figures.table.description}"
    numbers = f"{own.mean:.2f} % on average against {counted.mean:.2f} % ({basis})"
    if own.mean < counted.mean:
        return _weak("finding", _COUNTING, f"{where} counting parameters finds better: {numbers}.")
    return _supported("finding", f"{where} {title} finds no worse than counting parameters: {numbers}.")


def _by_standing(standing: Standing | None) -> Worth | None:
    """Judge by the place of the result in the user's table."""
    if standing is None:
        return None
    own, counted = (amount(value, standing.column.unit) for value in (standing.accuracy, standing.counted))
    numbers = f"{own} against {counted} ({standing.basis})"
    if standing.supports:
        return _supported("standing", f"The most parameters do no better than what was found: {numbers}.")
    return _weak("standing", _COUNTING, f"The most parameters do better than what was found: {numbers}.")


def _nothing(config: SearchConfig) -> str:
    title = get_proxy(config.proxy).title
    return f"Nothing is known of {title} on {config.search_space.title}: bring a table, or train it."


def _unlimited(findings: Iterable[Finding]) -> Finding | None:
    return next((one for one in findings if one.max_params is None), None)


_COUNTING = "counting parameters does better"


def _weak(cause: Cause, reason: str, sentence: str) -> Worth:
    return Worth("weak", cause, reason, sentence)


def _supported(cause: Cause, sentence: str) -> Worth:
    return Worth("supported", cause, "", sentence)


def _count(architectures: int, space: SearchSpace) -> str:
    """Return the number of architectures of a space with their noun."""
    noun = "genotype" if len(space.cell_types) > 1 else space.cell_noun
    return f"{architectures:,} {noun}{'s' * (architectures != 1)}"
