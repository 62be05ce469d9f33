"""Lists of architectures: any notation a line, the first column of delimited text, and lines that are wrong."""

from __future__ import annotations

import pytest

from engine import Progress, SearchStopped, parse_genotype
from engine.common.work import Work
from engine.genotypes.population import Population
from engine.spaces import SPACES
from engine.tables.lists import read_list

CELL = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_3x3~2|"
OTHER = CELL.replace("avg_pool_3x3", "none")
DARTS = parse_genotype(
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6), "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))"
)


def test_every_line_is_an_architecture_in_any_notation():
    json_line = parse_genotype(OTHER).to_json().replace("\n", " ")
    read = read_list(f"\ufeff# mine\n{CELL}\r\n\n{json_line}\nnas-bench-201#0\n{CELL}", None)
    first, second, third, again = read.population.genotypes()
    assert (first, second, again) == (parse_genotype(CELL), parse_genotype(OTHER), first)
    assert third == parse_genotype("nas-bench-201#0")
    assert (read.lines, read.skipped) == ((2, 4, 5, 6), 0)


def test_a_long_list_says_how_far_it_is_and_can_be_stopped():
    reports: list[Progress] = []
    read_list(f"{CELL}\n" * 1200, None, work=Work(reports.append))
    assert [(report.done, report.total) for report in reports] == [(500, 1201), (1000, 1201)]
    with pytest.raises(SearchStopped):
        read_list(f"{CELL}\n" * 1200, None, work=Work(should_stop=lambda: True))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("header", ["", "arch{}accuracy\n"])
def test_the_first_column_holds_the_architectures(delimiter: str, header: str):
    rows = [f'"{DARTS.notation}"{delimiter}{number}\n' for number in (97.24, 96)]
    read = read_list(header.format(delimiter) + "".join(rows), None, delimited=True)
    assert read.population.keys().tolist() == Population.of("darts", [DARTS, DARTS]).keys().tolist()
    assert read.lines == ((2, 3) if header else (1, 2))


def test_names_of_columns_tell_that_a_text_is_delimited():
    assert read_list(f"genotype,line,flow\n{CELL},1,0.5\n", None).lines == (2,)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("foo", "line 2: 'foo' is no known notation"),
        (DARTS.notation, "line 2, \"Genotype(normal=[('sep_conv_3x3', 0), …: an architecture of DARTS"),
        (CELL.replace("none", "tanh"), "line 2, '|nor_conv_3x3~0|"),
        ('"|a\n|b",1', "line 2"),
    ],
    ids=["word", "space", "operation", "quotes"],
)
def test_a_wrong_line_is_named_or_skipped_and_counted(line: str, message: str):
    for delimited in (False, True):
        field = f'"{line}"' if delimited and '"' not in line else line
        with pytest.raises(ValueError, match="line 2") as refused:
            read_list(f"{CELL}\n{field}\n{OTHER}", None, delimited=delimited)
        assert message in str(refused.value)
    read = read_list(f"{CELL}\n{line}\n{OTHER}", SPACES["nas-bench-201"], skip_wrong=True)
    assert read.population.genotypes() == [parse_genotype(CELL), parse_genotype(OTHER)]
    assert read.skipped == line.count("\n") + 1
    assert "Skipped as no architectures of NAS-Bench-201" in read.notes[-1]
    assert "line 2" in read.notes[-1]


@pytest.mark.parametrize("text", ["", "\n# nothing\n", "arch,accuracy\n", "foo\nbar"])
def test_a_text_without_architectures_is_refused(text: str):
    with pytest.raises(ValueError, match="no row holds an architecture"):
        read_list(text, None, skip_wrong=True)
