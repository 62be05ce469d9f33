"""Every form that people write, over genotypes at random; what stands around them; which of several counts."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import SPACES, Genotype, load_space, parse_genotype
from engine.genotypes.genotype import begins_as_genotype, parse_with_notes
from engine.genotypes.notations import FORMS
from engine.genotypes.notations.front import names_in, undress
from engine.networks.cost import network_cost
from tests.engine.documents import DARTS as DARTS_DOCUMENT
from tests.engine.exports.spaces import varied
from tests.engine.genotypes.notations.writers import BENCH, DARTS, SORTED, as_unas, in_order, in_unas
from tests.engine.spaces.published_darts import GENOTYPES_PY, PARAMETERS
from tests.engine.strategies import genotypes
from tests.paths import ROOT

SPACE = SPACES["darts"]
CELL = "|nor_conv_3x3~0|+|nor_conv_1x1~0|none~1|+|skip_connect~0|avg_pool_3x3~1|nor_conv_3x3~2|"
S4 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    "('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('noise', 3)], normal_concat=range(2, 6), "
    "reduce=[('noise', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 3), "
    "('sep_conv_3x3', 0), ('sep_conv_3x3', 4), ('sep_conv_3x3', 1)], reduce_concat=range(2, 6))"
)


@pytest.mark.parametrize("form", DARTS)
@settings(max_examples=6)
@given(genotype=genotypes(SPACE))
def test_a_darts_genotype_in_every_form(form: str, genotype: Genotype):
    found = parse_with_notes(DARTS[form](genotype))
    assert found.genotype == genotype
    assert found.notes == (("left out width, num_cells",) if form.startswith("NNI") else ())
    assert begins_as_genotype(DARTS[form](genotype))


@pytest.mark.parametrize("form", SORTED)
@settings(max_examples=6)
@given(genotype=genotypes(SPACE))
def test_a_darts_genotype_in_every_form_that_orders_edges(form: str, genotype: Genotype):
    assert parse_genotype(SORTED[form](genotype)) == in_order(genotype)


@settings(max_examples=6)
@given(genotype=genotypes(SPACE).filter(in_unas))
def test_a_darts_genotype_as_unas_writes_it(genotype: Genotype):
    assert parse_genotype(as_unas(genotype)) == genotype


@pytest.mark.parametrize("form", BENCH)
@settings(max_examples=6)
@given(genotype=genotypes(SPACES["nas-bench-201"]))
def test_a_nas_bench_201_cell_in_every_form(form: str, genotype: Genotype):
    text = BENCH[form](genotype)
    assert parse_genotype(text) == parse_genotype(text, "nas-bench-201") == genotype


@pytest.mark.parametrize(
    "around", ["'{}'", '"{}"', "`{}`", "```\n{}\n```", "```text\n{}\n```\n", "~~~\n{}\n~~~", "x = '{}'"]
)
@given(genotype=genotypes())
@settings(max_examples=8)
def test_quotes_and_fences_round_every_notation(around: str, genotype: Genotype):
    text = genotype.notation
    if around.count("'") and "'" in text:
        text = text.replace("'", '"')
    elif around.count('"'):
        text = text.replace('"', "'")
    assert parse_genotype(around.format(text), genotype.space) == genotype


@given(st.lists(genotypes(SPACE), min_size=1, max_size=5), st.integers(0, 2))
def test_of_a_log_the_last_genotype_counts_which_is_said(found: list[Genotype], cut: int):
    lines = [
        f"06/27 01:25:46 PM epoch {at} lr 2.5e-02\n06/27 genotype = {genotype.notation}"
        for at, genotype in enumerate(found)
    ]
    log = "\n".join((*lines, "train_acc 71.3 [('skip_connect', 0)]", *["genotype = Genotype(normal=[('skip_con"] * cut))
    read = parse_with_notes(log)
    assert read.genotype == found[-1]
    said = f"read the last of {len(found)} genotypes" if len(found) > 1 else "left out the text around the genotype"
    assert read.notes == (said,)


def test_an_assignment_that_is_repeated_is_a_log():
    other = CELL.replace("avg_pool_3x3", "none")
    found = parse_with_notes(f'arch = "{CELL}"\narch = "{other}"\n')
    assert (found.genotype.notation, found.notes) == (other, ("read the last of 2 genotypes",))


@pytest.mark.parametrize("name", PARAMETERS)
def test_published_genotypes_are_chosen_by_name_and_have_the_published_parameters(name: str):
    found = parse_with_notes(GENOTYPES_PY, name=name)
    assert found.notes == ()
    assert network_cost(found.genotype).params == PARAMETERS[name]


def test_a_file_of_genotypes_tells_their_names():
    assert names_in(GENOTYPES_PY) == (*PARAMETERS, "DARTS", "LATEST")
    with pytest.raises(ValueError, match=r"^6 genotypes have names in this text: DARTS_V1, DARTS_V2, .*choose one"):
        parse_genotype(GENOTYPES_PY)
    with pytest.raises(ValueError, match=r"unknown genotype 'DARTS_V3'; allowed: DARTS_V1, DARTS_V2, PDARTS, "):
        parse_genotype(GENOTYPES_PY, name="DARTS_V3")
    assert parse_genotype(GENOTYPES_PY, name="DARTS") == parse_genotype(GENOTYPES_PY, name="DARTS_V2")
    assert parse_genotype(GENOTYPES_PY, name="LATEST") == parse_genotype(GENOTYPES_PY, name="DARTS")


def test_names_in_a_dictionary():
    other = CELL.replace("avg_pool_3x3", "none")
    text = f'{{"cifar10": "{CELL}", "cifar100": "{other}"}}'
    assert names_in(text) == ("cifar10", "cifar100")
    assert parse_genotype(text, name="cifar100").notation == other


def test_names_in_a_chain_and_colours_of_a_terminal():
    other = CELL.replace("avg_pool_3x3", "none")
    text = f"OLD = '{CELL}'\nMINE = genotype = '{other}'\n"
    assert names_in(text) == ("OLD", "MINE")
    assert parse_with_notes(text, name="MINE").genotype.notation == other
    assert parse_with_notes(f"MINE = genotype = '{other}'").notes == ()
    coloured = f"\x1b[32mepoch 1\x1b[0m genotype = \x1b[1m{S4}\x1b[0m"
    assert parse_with_notes(coloured, "robust-darts-s4").genotype == parse_genotype(S4)
    assert parse_genotype(f"\x1b[1;31m{S4}\x1b[0m") == parse_genotype(S4)


def test_a_name_where_there_are_none():
    with pytest.raises(ValueError, match="no genotype has a name in this text"):
        parse_genotype(CELL, name="MINE")


@pytest.mark.parametrize("name", [None, "MINE"])
def test_what_is_commented_out_does_not_count(name: str | None):
    text = f"# OLD = '{CELL}'\nMINE = '{CELL.replace('avg_pool_3x3', 'none')}'"
    found = parse_with_notes(text, name=name)
    assert "avg_pool" not in found.genotype.notation
    assert found.notes == ()
    assert parse_genotype(f"# OLD = '{CELL}'").notation == CELL


def test_a_genotype_of_another_space_with_the_notation_is_read_with_it_which_is_said():
    found = parse_with_notes(S4)
    assert found.genotype.space_name == "robust-darts-s4"
    assert found.notes == ("read as a genotype of Robust-DARTS S4, since DARTS has no 'noise'",)
    assert parse_with_notes(S4, "robust-darts-s4").notes == ()
    with pytest.raises(ValueError, match="normal, edge 8: unknown operation 'noise'; allowed: "):
        parse_genotype(S4, "darts")
    weighed = S4.replace("', 0)", "', 0, 0.5)")
    assert parse_with_notes(weighed).genotype == found.genotype
    assert parse_with_notes(weighed).notes[0] == "left out the weights of the edges"


@given(genotypes(SPACES["nas-bench-1shot1-3"]))
def test_the_first_space_with_the_notation_that_has_such_a_genotype_counts(genotype: Genotype):
    found = parse_with_notes(genotype.notation)
    assert found.genotype == genotype
    assert found.notes[0].endswith("since it is none of NAS-Bench-1Shot1 S1")


@pytest.mark.parametrize(
    ("text", "space", "message"),
    [
        ("12", None, r"12 is a number alone; an index of NAS-Bench-201 is written nas-bench-201#12"),
        ("20210131", None, r"'20210131' is no known notation"),
        ("12012012", "nas-bench-201", "indices 0 to 15,624"),
        ("12", "darts", r"not a Genotype\(\.\.\.\) text|a DARTS genotype is written"),
        ("15625", "nas-bench-201", "indices 0 to 15,624"),
        ("(1, 2, 3)", None, "is no known notation"),
        ("[0, 1, 2, 3, 4, 0, 1]", None, "is no known notation"),
        ("|a~0|b~1|", None, "3 nodes joined"),
        (f"log: {CELL.replace('none~1', 'what~1')} end", None, "unknown operation 'what'"),
        (f"log: {CELL}", "darts", "not a Genotype"),
        (f"{{'0_1': 'none', 'x': '{CELL}'}}", None, "the edges 0_2, 1_2, 0_3, 1_3, 2_3 of the NAS-Bench-201 cell"),
        ("genotype = Genotype(normal=[('sep_conv_3x3', 0), (", None, r"line 1, column \d+: '\(' was never closed"),
        ("\n\nx\ngenotype = Genotype(normal=[('sep_conv_3x3', zero)])", None, r"takes exactly"),
        ("[[('a', 0)]]", None, "a genotype as nested lists has 4 fields"),
        (f"[{S4}", "nas-bench-201", "a genotype of DARTS found, one of NAS-Bench-201 expected"),
        ("(((0, 3), (1, 2)), ((0, 0), (1, 4)))", None, "normal, node 3: 0 incoming edges found, 2 expected"),
        ("(2, 3, 0, 1, 4, 2)", "darts", r"a genotype of NAS-Bench-201 found, one of DARTS expected"),
    ],
)
def test_what_is_no_genotype_gets_one_sentence(text: str, space: str | None, message: str):
    with pytest.raises(ValueError, match=message) as refused:
        parse_genotype(text, space)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) <= 300


def test_places_are_those_of_the_whole_text():
    text = "a log\n  genotype = " + S4.replace("('noise', 3)", "('noise', x)")
    column = text.splitlines()[1].index("('noise', x)") + 1
    place = rf"normal\[7\] \(line 2, column {column}\): a pair \(operation, node\) expected"
    with pytest.raises(ValueError, match=place):
        parse_genotype(text)


@pytest.mark.parametrize("form", [*DARTS, *SORTED, *BENCH])
@settings(max_examples=8)
@given(data=st.data())
def test_a_form_with_anything_in_it_is_read_or_refused(form: str, data: st.DataObject):
    writers = BENCH if form in BENCH else {**DARTS, **SORTED}
    whole = writers[form](
        parse_genotype(CELL if form in BENCH else GENOTYPES_PY, name=None if form in BENCH else "PDARTS")
    )
    start, removed = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 40))
    text = whole[:start] + data.draw(st.text(max_size=20)) + whole[start + removed :]
    try:
        found = parse_genotype(text)
    except ValueError as error:
        assert str(error).isprintable()  # noqa: PT017
        assert len(str(error)) <= 300  # noqa: PT017
    else:
        assert parse_genotype(found.notation, found.space) == found


def test_cells_of_an_own_space_with_blanks():
    space = load_space(json.dumps(DARTS_DOCUMENT))
    genotype = varied(space)
    text = genotype.notation.replace("+", "\n + ").replace("|", " | ")
    assert len(genotype.cells) == 2
    assert parse_genotype(f"```\n{text}\n```", space) == genotype


@pytest.mark.parametrize("text", [f"print('ran') or {CELL}", f"{S4}; print('ran')", f"print('ran'); {S4}", f"{S4}.x()"])
def test_nothing_around_a_genotype_is_run(capsys: pytest.CaptureFixture[str], text: str):
    assert "left out the text around the genotype" in parse_with_notes(text).notes
    assert not capsys.readouterr().out


def test_undress_takes_layers_off():
    assert undress("  ```\n'x'\n```\n") == "x"
    assert undress("A = 'x',") == "x"
    assert undress("A = x") == "A = x"


def test_forms_have_examples_that_are_found():
    for name, form in FORMS.items():
        assert form.name == name
        assert form.title
        assert form.example
    assert len(FORMS) == 10


def test_reading_does_not_import_torch():
    code = f"import sys, engine; engine.parse_genotype('a log ' + {CELL!r}); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
