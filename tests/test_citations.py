"""Every arXiv number of the product stands beside the first author of the paper that has it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.paths import ROOT

AUTHORS = {
    "1806.09055": "Liu",  # Liu, Simonyan & Yang: DARTS
    "1810.02340": "Lee",  # Lee, Ajanthan & Torr: SNIP
    "1812.00332": "Cai",  # Cai, Zhu & Han: ProxylessNAS
    "1909.09656": "Zela",  # Zela et al.: Understanding and Robustifying Differentiable Architecture Search
    "1910.00370": "Bian",  # Bian et al.: Sub-Architecture Ensemble Pruning in Neural Architecture Search (SAEP)
    "1912.07651": "Vahdat",  # Vahdat, Mallya, Liu & Kautz: UNAS
    "2001.00326": "Dong",  # Dong & Yang: NAS-Bench-201
    "2001.10422": "Zela",  # Zela, Siems & Hutter: NAS-Bench-1Shot1
    "2002.07376": "Wang",  # Wang, Zhang & Grosse: Picking Winning Tickets Before Training (GraSP)
    "2006.04647": "Mellor",  # Mellor et al.: Neural Architecture Search without Training
    "2006.05467": "Tanaka",  # Tanaka et al.: Pruning neural networks without any data (SynFlow)
    "2009.00437": "Dong",  # Dong et al.: NATS-Bench
    "2101.08134": "Abdelfattah",  # Abdelfattah et al.: Zero-Cost Proxies for Lightweight NAS
    "2102.11535": "Chen",  # Chen, Gong & Wang: Neural Architecture Search on ImageNet in Four GPU Hours (TE-NAS)
    "2103.11922": "Su",  # Su et al.: Prioritized Architecture Sampling with Monto-Carlo Tree Search (NAS-Bench-Macro)
    "2105.14669": "Zhao",  # Zhao et al.: Memory-Efficient Differentiable Transformer Architecture Search (DARTSformer)
    "2106.06799": "Xiang",  # Xiang et al.: Zero-Cost Proxies Meet Differentiable Architecture Search (Zero-Cost-PT)
    "2106.11542": "Zhang",  # Zhang et al.: Differentiable Architecture Search Without Training Nor Labels (FreeNAS)
    "2107.03375": "Colombo",  # Colombo & Gao: Differentiable Architecture Pruning for Transfer Learning
    "2210.03230": "Krishnakumar",  # Krishnakumar et al.: NAS-Bench-Suite-Zero
    "2403.04161": "Peng",  # Peng et al.: SWAP-NAS
    "2403.19232": "Lee",  # Lee & Ham: AZ-NAS
}
"""First authors by the numbers of their papers, each looked up where the paper is listed."""
ALONE = {"2008.09777": "NAS-Bench-301"}
"""Papers that are named by their title."""
FREENAS = ("Zhang", "Su", "Pan", "Chang", "Huang", "Haffari")
_NUMBER = re.compile(r"\d{4}\.\d{5}(?!\d)")


def documents() -> list[Path]:
    """The files of the product that people read, or that pages and commands take their words from."""
    patterns = ("engine/**/*.py", "dashboard/**/*.py", "docs/**/*.md", "*.md", "CITATION.cff", "examples/*.ipynb")
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))


def citations() -> list[tuple[str, str, str]]:
    """Where each number stands, the number, and the words before it."""
    found = []
    for path in documents():
        text = " ".join(path.read_text("utf-8").split())
        for match in _NUMBER.finditer(text):
            before = text[max(0, match.start() - 450) : match.start()]
            if re.search(r"arxiv\W{0,9}(org/(abs|pdf)/)?$", before, re.IGNORECASE):
                found.append((str(path.relative_to(ROOT)), match[0], before))
    return found


def test_there_are_citations():
    numbers = {number for _, number, _ in citations()}
    assert set(AUTHORS) <= numbers


@pytest.mark.parametrize(("place", "number", "before"), citations(), ids=lambda value: str(value)[:30])
def test_every_number_is_that_of_its_author(place: str, number: str, before: str):
    assert number in AUTHORS | ALONE, f"{place}: arXiv {number} is not among the papers that were looked up"
    assert re.search(rf"\b{(AUTHORS | ALONE)[number]}\b", before), f"{place}: arXiv {number}"


@pytest.mark.parametrize("name", ["docs/method.md", "dashboard/learn/words.py", "CITATION.cff"])
def test_the_authors_of_freenas_are_those_of_the_paper(name: str):
    text = (ROOT / name).read_text("utf-8")
    (paper,) = (part for part in re.split(r"\n- |references:", text) if "Pruning" in part and "2106.11542" in part)
    places = [paper.index(author) for author in FREENAS]
    assert places == sorted(places)
    assert "Nor Labels" in re.sub(r"\s+", " ", paper)
