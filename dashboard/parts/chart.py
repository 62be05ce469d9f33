"""Charts of Plotly as every page draws them: with text that stands out in both themes, and saved as SVG and PNG.

Plotly's own toolbar saves one format, by buttons that no keyboard reaches. Ours presses its camera, told which format.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from plotly.basedatatypes import BaseFigure

from dashboard.parts.downloads import file_stem

_HTML = """
<div class="chart-files" role="group" aria-label="Save the chart"></div>
"""

_CSS = """
[class*="st-key-chart_of_"] { position: relative; }
[class*="st-key-chart_of_"] > :has(.chart-files) { position: absolute; top: 0; right: 0; z-index: 5; width: auto; }
.chart-files { display: flex; gap: 0.25rem; opacity: 0; transition: opacity 0.15s; }
[class*="st-key-chart_of_"]:is(:hover, :focus-within) .chart-files { opacity: 1; }
@media (hover: none) { .chart-files { opacity: 1; } }
.chart-files button {
  font: inherit; font-size: 0.75rem; padding: 0.1rem 0.4rem; cursor: pointer; color: var(--st-text-color);
  background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius);
}
.chart-files button:is(:hover, :focus-visible) { border-color: currentColor; color: var(--st-primary-color); }
.stPlotlyChart .modebar-btn[data-title^="Download plot"] { display: none; }
.stPlotlyChart .modebar { right: 6rem !important; }
.stPlotlyChart :is(.xtick, .ytick, .xaxislayer-above, .yaxislayer-above, .infolayer, .hoverlayer) text {
  fill: currentColor !important;
}
"""

_JS = """
const FONT = "Helvetica, Arial, sans-serif"; // a picture has no font of the page, and wider ones would be cut off

function readableLayout(chart) {
  const { color } = getComputedStyle(chart);
  const layout = { ...chart.layout, font: { ...chart.layout.font, color, family: FONT } };
  for (const name of Object.keys(chart._fullLayout).filter((key) => /^[xy]axis[0-9]*$/.test(key))) {
    const axis = layout[name] ?? {};
    const title = typeof axis.title === "string" ? { text: axis.title } : { ...axis.title };
    layout[name] = {
      ...axis, tickfont: { ...axis.tickfont, color }, title: { ...title, font: { ...title.font, color } },
    };
  }
  return layout;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".chart-files");
  const save = (format) => {
    const chart = root.closest("[class*='st-key-chart_of_']").querySelector(".js-plotly-plot");
    const scale = format === "png" ? 2 : 1;
    chart._context.toImageButtonOptions = { format, scale, filename: data.name };
    const { layout } = chart;
    chart.layout = readableLayout(chart);
    chart.querySelector(".modebar-btn[data-title^='Download plot']").click(); // which copies the layout at once
    chart.layout = layout;
  };
  root.replaceChildren(...["svg", "png"].map((format) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = format.toUpperCase();
    button.setAttribute("aria-label", `Save the chart as ${button.textContent}`);
    button.onclick = () => save(format);
    return button;
  }));
}
"""

_FILES = st.components.v2.component("freenas_chart_files", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


def chart(
    figure: BaseFigure,
    key: str,
    alt: str,
    tools: Sequence[str] = (),
    on_select: Callable[[], None] | None = None,
    selection_mode: str | Sequence[str] = "points",
) -> None:
    """Draw a figure with the buttons that save it; `alt` is its alternative text, `tools` name buttons of Plotly.

    The state of its selection is that of the widget `key`; `on_select` hears of a change before the page runs again.
    """
    interaction: dict[str, Any] = {}
    if on_select is not None:
        interaction = {"on_select": on_select, "selection_mode": selection_mode}
    config = {"displayModeBar": True, "modeBarButtons": [["toImage"], [*tools]] if tools else [["toImage"]]}
    with st.container(key=f"chart_of_{file_stem(key)}"):
        st.plotly_chart(figure, config=config, alt=alt, key=key, **interaction)
        _FILES(key=f"files of {key}", data={"name": file_stem(key)})
