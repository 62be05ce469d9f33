"""Tables as text: every cell is a text node that wraps, nothing is cut off, and a row can be selected by the keyboard.

`st.dataframe` draws on a canvas and cuts off what is too long, so it is for lists that are too long to be read. On a
narrow screen a row becomes a card, a line a column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import streamlit as st

from dashboard.server.state import widget_value

_HTML = """
<div class="sheet"></div>
"""

_CSS = """
.sheet { container-type: inline-size; font-size: 0.875rem; line-height: 1.35; color: var(--st-text-color); }
.sheet table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.sheet caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.sheet th, .sheet td { padding: 0.4rem 0.6rem; text-align: left; vertical-align: top; overflow-wrap: break-word; }
.sheet thead th { font-weight: 600; vertical-align: bottom; border-bottom: 1px solid var(--st-border-color); }
.sheet tbody th { font-weight: 500; }
.sheet tbody :is(th, td) { border-bottom: 1px solid var(--st-border-color-light); }
.sheet .number { text-align: right; }
.sheet .number .text { white-space: nowrap; }
.sheet .note { display: block; font-size: 0.8125rem; opacity: 0.75; }
.sheet .strong .text { font-weight: 700; }
.sheet .good .text { color: var(--st-green-text-color); }
.sheet .weak .text { color: var(--st-orange-text-color); }
.sheet .bar { display: block; width: 100%; min-width: 5rem; height: 0.75rem; margin-top: 0.2rem; }
.sheet .bar .ground { fill: var(--st-secondary-background-color); }
.sheet .bar .value { fill: var(--st-primary-color); }
.sheet .bar .interval { stroke: var(--st-text-color); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.sheet tbody tr.selected { background: var(--st-secondary-background-color); }
.sheet tbody tr.selected > :first-child { box-shadow: inset 3px 0 var(--st-primary-color); }
.sheet tbody tr.selectable { cursor: pointer; }
.sheet tbody tr.selectable:hover { background: var(--st-secondary-background-color); }
.sheet button {
  all: unset; cursor: pointer; text-decoration: underline; text-underline-offset: 0.2em;
  text-decoration-color: var(--st-border-color);
}
.sheet button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; border-radius: 2px; }
@container (max-width: 46rem) {
  .sheet thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .sheet table, .sheet tbody, .sheet tbody tr, .sheet tbody :is(th, td) { display: block; }
  .sheet tbody tr { padding: 0.4rem 0.6rem; border-bottom: 1px solid var(--st-border-color); }
  .sheet tbody :is(th, td) { padding: 0.15rem 0; border: none; }
  .sheet tbody td { display: grid; grid-template-columns: minmax(6rem, 38%) 1fr; gap: 0.6rem; text-align: left; }
  .sheet tbody td::before { content: attr(data-title); opacity: 0.75; }
  .sheet tbody .number { text-align: left; }
  .sheet .number .text { white-space: normal; }
  .sheet tbody tr.selected { box-shadow: inset 3px 0 var(--st-primary-color); }
  .sheet tbody tr.selected > :first-child { box-shadow: none; }
}
"""

_JS = """
const SVG = "http://www.w3.org/2000/svg";

function part(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function bar({ value, low, high }, [first, last]) {
  const at = (number) => (100 * (number - first)) / (last - first);
  const svg = document.createElementNS(SVG, "svg");
  const draw = (name, attributes) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, set] of Object.entries(attributes)) made.setAttribute(key, set);
    svg.append(made);
  };
  for (const [key, set] of Object.entries({
    class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true",
  })) svg.setAttribute(key, set);
  const start = Math.min(at(0), at(value));
  draw("rect", { class: "ground", x: 0, y: 2, width: 100, height: 6 });
  draw("rect", { class: "value", x: start, y: 2, width: Math.abs(at(value) - at(0)), height: 6 });
  if (low !== null) draw("path", {
    class: "interval", d: `M${at(low)} 1V9M${at(low)} 5H${at(high)}M${at(high)} 1V9`, fill: "none",
  });
  return svg;
}

function cell(name, { text, note, tone, bar: drawn }, column) {
  const made = part(name, [column.number && !drawn ? "number" : "", tone].join(" ").trim());
  made.setAttribute("role", name === "th" ? "rowheader" : "cell");
  if (name === "td") made.dataset.title = column.title;
  const content = part("div");
  content.append(part("span", "text", text));
  if (drawn) content.append(bar(drawn, column.ends));
  if (note) content.append(part("span", "note", note));
  made.append(content);
  return made;
}

function draw(root, data, choose) {
  const table = part("table");
  table.setAttribute("role", "table");
  const head = part("tr");
  head.setAttribute("role", "row");
  for (const column of data.columns) {
    const title = part("th", column.number ? "number" : "", column.title);
    title.setAttribute("role", "columnheader");
    title.setAttribute("scope", "col");
    if (column.help) title.title = column.help;
    head.append(title);
  }
  const headGroup = part("thead");
  headGroup.setAttribute("role", "rowgroup");
  headGroup.append(head);
  const body = part("tbody");
  body.setAttribute("role", "rowgroup");
  data.rows.forEach((cells, place) => {
    const row = part("tr", data.selectable ? "selectable" : "");
    row.setAttribute("role", "row");
    cells.forEach((content, index) => row.append(cell(index ? "td" : "th", content, data.columns[index])));
    if (data.selectable) {
      const text = row.querySelector(".text");
      const button = part("button", "", text.textContent);
      button.type = "button";
      text.replaceChildren(button);
      row.onclick = () => choose(place);
    }
    body.append(row);
  });
  table.append(part("caption", "", data.name), headGroup, body);
  root.replaceChildren(table);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".sheet");
  const mark = (selected) => [...root.querySelectorAll("tbody tr")].forEach((row, place) => {
    row.classList.toggle("selected", place === selected);
    row.querySelector("button")?.setAttribute("aria-pressed", String(place === selected));
  });
  root.choose = (place) => {
    mark(place);
    setTriggerValue("chosen", place);
  };
  const { selected, ...content } = data;
  const text = JSON.stringify(content);
  if (root.drawn !== text) {
    const focused = [...root.querySelectorAll("button")].indexOf(root.getRootNode().activeElement);
    draw(root, data, (place) => root.choose(place));
    if (focused >= 0) root.querySelectorAll("button")[focused]?.focus();
    root.drawn = text;
  }
  mark(selected);
}
"""

_COMPONENT = st.components.v2.component("freenas_table", html=_HTML, css=_CSS, js=_JS)


class TextColumn(NamedTuple):
    """A column of a table: its title, its alignment, an explanation on hovering, and the ends of the scale of bars."""

    title: str
    number: bool = False
    help: str = ""
    ends: tuple[float, float] = (0.0, 1.0)


class Bar(NamedTuple):
    """A number as the length of a bar, with the ends of its interval, None where it has none."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class TableCell:
    """A cell of a table: its text, a note below, a bar between them, and a tone: `good`, `weak`, `strong` or none."""

    text: str
    note: str = ""
    tone: str = ""
    bar: Bar | None = None


def text_table(
    name: str,
    columns: Sequence[TextColumn],
    rows: Sequence[Sequence[str | TableCell]],
    key: str,
    selected: int | None = None,
    on_select: Callable[[int], None] | None = None,
) -> None:
    """Draw a table called `name` for those who do not see it; the first cell of a row names it.

    `on_select` hears of the place of a row that is chosen, before the page runs again; without it rows are no buttons.
    """

    def adopt_choice() -> None:
        place = widget_value(key).chosen
        if on_select is not None and isinstance(place, int) and 0 <= place < len(rows):
            on_select(place)

    data = table_data(name, columns, rows) | {"selected": selected, "selectable": on_select is not None}
    _COMPONENT(key=key, data=data, on_chosen_change=adopt_choice)


def table_data(name: str, columns: Sequence[TextColumn], rows: Sequence[Sequence[str | TableCell]]) -> dict[str, Any]:
    """Return a table as plain data for the browser; `ValueError` for a row that has not a cell for every column."""
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"a row of {len(row)} cells in a table of {len(columns)} columns")
    return {
        "name": name,
        "columns": [column._asdict() for column in columns],
        "rows": [[_cell_data(cell) for cell in row] for row in rows],
    }


def _cell_data(cell: str | TableCell) -> dict[str, Any]:
    if isinstance(cell, str):
        return {"text": cell}
    parts = {"text": cell.text, "note": cell.note, "tone": cell.tone}
    return parts | ({"bar": cell.bar._asdict()} if cell.bar is not None else {})
