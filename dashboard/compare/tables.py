"""The tables of Compare, as the page shows them and as files: what answers cost, and where they agree."""

from __future__ import annotations

from typing import Any

from dashboard.compare.answers import DASH, Answers, ComparedAnswer, agreement_rows
from dashboard.parts.accuracy_table import TableColumn
from dashboard.parts.importance import connection_noun
from engine.common.csv_text import csv_text
from engine.exports.drawing import cell_title
from engine.genotypes.population import Population
from engine.networks.cost import network_cost
from engine.operations.registry import get_operation
from engine.spaces import SearchSpace
from engine.studies.text_tables import TextTable, write_tables
from engine.tables.numbers import figure


def cost_rows(answers: Answers, table: TableColumn | None) -> list[dict[str, Any]]:
    """Return a row for every answer: its costs, and its accuracy, or what else the table holds."""
    rows = [_cost_row(label, answer) for label, answer in answers.items()]
    if table is None:
        return rows
    space = answers_space(answers)
    accuracies = table.values(Population.of(space, [answer.genotype for answer in answers.values()])).tolist()
    return [row | {table.column.quantity: accuracy} for row, accuracy in zip(rows, accuracies, strict=True)]


def _cost_row(label: str, answer: ComparedAnswer) -> dict[str, Any]:
    result, cost = answer.result, network_cost(answer.genotype)
    row: dict[str, Any] = {"answer": label, "params": cost.params, "macs": cost.macs}
    if result is None:
        return row | dict.fromkeys(("passes", "seconds", "device", "notices"))
    codes = dict.fromkeys(notice.code for notice in result.notices)
    return row | {
        "passes": len(result.passes),
        "seconds": result.timing["total"],
        "device": result.environment["device"],
        "notices": " ".join(codes),
    }


def answers_space(answers: Answers) -> SearchSpace:
    """Return the space that all answers are of."""
    return next(iter(answers.values())).genotype.space


def cost_table(answers: Answers, table: TableColumn | None) -> TextTable:
    """Return what answers cost as texts, with their accuracies where a table has them."""
    headers = ["Answer", "Parameters (M)", "MACs (M)", "Passes", "Seconds", "Device", "Notices"]
    rows = []
    for row in cost_rows(answers, table):
        numbers = [f"{row['params'] / 1e6:.3f}", f"{row['macs'] / 1e6:.1f}"]
        if table is not None:
            value = row[table.column.quantity]
            numbers.append(figure(value, table.column.unit) if value == value else DASH)
        if row["passes"] is None:
            numbers += [DASH] * 4
        else:
            numbers += [str(row["passes"]), f"{row['seconds']:.2g}", row["device"], row["notices"] or "none"]
        rows.append([row["answer"], *numbers])
    notes = ["Parameters and MACs at the evaluation size; seconds where each was computed."]
    if table is not None:
        unit = f" ({table.column.unit})" if table.column.unit else ""
        headers.insert(3, f"{table.title}{unit}")
        notes.append(f"{table.title}: {table.description}.")
    return TextTable("Cost", headers, rows, notes, words_last=2)


def agreement_table(answers: Answers, kind: str) -> TextTable:
    """Return the operation of every answer on every edge that any of them keeps."""
    space = answers_space(answers)
    rows = [
        [space.edge_name(edge), *(name if name == DASH else get_operation(name).title for name in names)]
        for edge, names in agreement_rows([answer.genotype for answer in answers.values()], kind)
    ]
    noun = connection_noun(space)
    notes = [f"{DASH}: the cell does not keep this {noun}."] if space.kept_edges is not None else []
    title = f"{cell_title(kind)}, {noun} by {noun}"
    return TextTable(title, [noun.capitalize(), *answers], rows, notes, words_last=len(answers))


def answers_csv(answers: Answers, table: TableColumn | None) -> str:
    """Write answers as CSV: a row each, with its architecture and every number."""
    rows = cost_rows(answers, table)
    notations = [answer.genotype.notation for answer in answers.values()]
    numbers = [[*row.values(), notation] for row, notation in zip(rows, notations, strict=True)]
    return csv_text([[*rows[0], "architecture"], *numbers], digits=10)


def answers_latex(answers: Answers, table: TableColumn | None) -> str:
    """Write the tables of answers as LaTeX."""
    kinds = answers_space(answers).cell_types
    return write_tables([cost_table(answers, table), *(agreement_table(answers, kind) for kind in kinds)], "latex")
