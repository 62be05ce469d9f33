"""The notebook runs, and prints what stands in it."""

import copy
import os
import subprocess
import sys

import nbformat
from nbclient import NotebookClient

from tests.paths import ROOT

NOTEBOOK = ROOT / "examples" / "getting_started.ipynb"


def told(notebook):
    """What every code cell printed, and the forms of what it showed."""
    return [
        (
            "".join(out.text for out in cell.outputs if out.output_type == "stream" and out.name == "stdout"),
            [sorted(out.data) for out in cell.outputs if "data" in out],
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def test_the_notebook_prints_what_stands_in_it():
    kept = nbformat.read(NOTEBOOK, as_version=4)
    again = copy.deepcopy(kept)
    resources = {"metadata": {"path": str(NOTEBOOK.parent)}}
    NotebookClient(again, timeout=120, kernel_name="python3", resources=resources).execute()
    assert told(again) == told(kept)
    assert sum(len(shown) for _, shown in told(kept)) == 3


PLAINEST = {
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "OPENBLAS_CORETYPE": "Nehalem",
}
"""The instructions that torch, MKL, oneDNN and OpenBLAS may use; they are read when torch is loaded."""


def test_shares_and_places_are_the_same_on_every_processor():
    """The cells that print numbers of float32, as a script; the notebook itself runs on the machine's own kernels."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    printing = ("import sys", "result = search(", "shares = ", "cells = Population.whole(")
    cells = [
        cell for cell in notebook.cells if cell.cell_type == "code" and any(text in cell.source for text in printing)
    ]
    assert len(cells) == len(printing)
    script = subprocess.run(
        [sys.executable, "-c", "\n".join(cell.source for cell in cells)],
        cwd=NOTEBOOK.parent,
        env=os.environ | PLAINEST,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    printed = "".join(out.text for cell in cells for out in cell.outputs if out.get("name") == "stdout")
    assert script.stdout == printed
    assert "place 12,250 to 12,313" in printed
