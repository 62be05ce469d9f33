"""Export formats: every text holds the genotype, and what has no such format is refused."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given

from engine import SPACES, Genotype, parse_genotype
from engine.exports.formats import EXPORTS, export
from tests.engine.exports.spaces import EVERY, varied
from tests.engine.strategies import genotypes
from tests.paths import ROOT


def test_formats():
    suffixes = {name: format.suffix for name, format in EXPORTS.items()}
    assert suffixes | {"json": ".json", "dot": ".dot", "svg": ".svg", "pytorch": ".py"} == suffixes
    assert {space.notation_form: ".txt" for space in EVERY.values()}.items() <= suffixes.items()
    assert all(format.summary for format in EXPORTS.values())


@given(genotype=genotypes())
def test_texts_give_the_genotype_back(genotype: Genotype):
    assert parse_genotype(export(genotype, "json")) == genotype
    assert parse_genotype(export(genotype, genotype.space.notation_form), genotype.space) == genotype


def test_unknown_formats_are_named():
    with pytest.raises(ValueError, match="unknown export format 'keras'; allowed: json, "):
        export(varied(SPACES["darts"]), "keras")


def test_a_seed_is_for_weights_alone():
    with pytest.raises(ValueError, match="'pytorch' holds no weights; those with some are onnx, torch-export"):
        export(varied(SPACES["darts"]), "pytorch", seed=1)


@pytest.mark.parametrize(("own", "other"), [("darts", "nas-bench-201"), ("nas-bench-201", "darts")])
def test_other_notations_are_refused(own: str, other: str):
    with pytest.raises(ValueError, match=rf"has no .* notation; export it to '{own}'$"):
        export(varied(SPACES[own]), other)


@pytest.mark.parametrize("form", ["naslib", "nni", "nas-bench-201-index"])
@given(genotype=genotypes())
def test_forms_of_others_give_the_genotype_back_or_say_that_there_is_none(form: str, genotype: Genotype):
    try:
        text = export(genotype, form)
    except ValueError as error:
        assert genotype.space.title in str(error)  # noqa: PT017
        assert genotype.space_name not in (("nas-bench-201",) if form.endswith("index") else ("nas-bench-201", "darts"))
    else:
        assert parse_genotype(text) == genotype


@pytest.mark.slow
def test_exporting_does_not_import_torch():
    text = varied(SPACES["darts"]).notation
    code = (
        "import sys; from engine import parse_genotype; from engine.exports.formats import export; "
        f"[export(parse_genotype({text!r}), to) for to in ('json', 'svg', 'darts', 'pytorch', 'train')]; "
        "sys.exit('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
