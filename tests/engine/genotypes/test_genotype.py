from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import SPACES, Genotype, SearchResult, parse_genotype
from engine.genotypes.population import Population
from engine.spaces import Gene, SearchSpace, get_space
from tests.engine.reference import PUBLISHED
from tests.engine.schemas import VALIDATORS
from tests.engine.strategies import PARALLEL, genotypes

BENCH = "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|none~2|"
DARTS = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])"
)  # DARTS_V2, as published
MACRO = "01220211"
PROXYLESS = "k5e3 skip skip skip | k7e3 skip skip k3e3 | k7e6 skip skip k5e3 | k5e6 skip k3e3 k5e3 | "
PROXYLESS += "k7e6 k7e6 k7e6 k5e6 | k7e6"  # ProxylessNAS (GPU), as published
ONE_SHOT = "max_pool_3x3(0) conv1x1_bn_relu(0,1) conv3x3_bn_relu(1,2) conv3x3_bn_relu(0,3) output(2,4)"


@given(genotypes())
def test_notation_and_json_round_trip(genotype: Genotype):
    assert parse_genotype(genotype.notation, genotype.space) == genotype
    assert parse_genotype(genotype.notation, genotype.space_name).notation == genotype.notation
    text = genotype.to_json()
    assert Genotype.from_json(text) == parse_genotype(text) == genotype
    assert Genotype.from_json(text).to_json() == text


@given(genotypes(), genotypes())
def test_equal_exactly_where_the_notation_is(one: Genotype, other: Genotype):
    assert (one == other) == (one.notation == other.notation and one.space == other.space)
    assert hash(one) == hash(parse_genotype(one.notation, one.space))
    assert len({one, other}) == (1 if one == other else 2)


@pytest.mark.parametrize("before", ["\ufeff", "\ufeff\n", "  \n", "\u00a0"])
def test_blanks_and_a_byte_order_mark_before_a_text_do_not_matter(before: str):
    assert parse_genotype(before + BENCH + "\n") == parse_genotype(BENCH)
    assert parse_genotype(before + parse_genotype(BENCH).to_json()) == parse_genotype(BENCH)


def test_a_genotype_is_a_frozen_value():
    genotype = parse_genotype(BENCH)
    with pytest.raises(FrozenInstanceError):
        genotype.space_name = "darts"  # type: ignore[misc]
    with pytest.raises(TypeError):
        genotype.cells["cell"] = ()  # type: ignore[index]


def test_cell_types_may_come_in_any_order():
    genotype = parse_genotype(DARTS)
    cells = dict(reversed(genotype.cells.items()))
    assert Genotype.of("darts", cells) == genotype


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ONE_SHOT.replace("(1,2)", "(1,3)"), "no edge from node 6 to node 5"),
        (ONE_SHOT.replace("(1,2)", "(1,1)"), "the edge from node 2 to node 5 stands twice"),
        (ONE_SHOT.replace("(1,2)", "(1)"), "node 5: 1 incoming edges found, 2 expected"),
        (ONE_SHOT.replace("conv3", "conv5"), "unknown operation 'conv5x3_bn_relu'; allowed: conv1x1_bn_relu, conv3x3"),
        (ONE_SHOT.replace("(1,2)", "(1-2)"), r"block 3: 'conv3x3_bn_relu\(1-2\)' is not written operation\(parents\)"),
        (ONE_SHOT.replace("output", "conv1x1_bn_relu"), r"block 5: .* is not written"),
        (ONE_SHOT.removesuffix(" output(2,4)"), "4 blocks and the output are expected, 4 words found"),
        ("0122021", "'0122021' is no known notation"),
        ("01220213", "'01220213' is no known notation"),
        ("٠١٢٢٠٢١١", "is no known notation"),
        (PROXYLESS.removesuffix(" | k7e6"), r"stages of \[4, 4, 4, 4, 4, 1\] layers, .* found: \[4, 4, 4, 4, 4\]"),
        (PROXYLESS.replace("k3e3", "k4e3", 1), "layer 8: 'k4e3' found; allowed: skip, k3e3, k3e6, k5e3"),
        (PROXYLESS.replace("k7e3", "skip"), "network, edge 5: unknown operation 'skip_connect'; allowed: mbconv3"),
    ],
)
def test_texts_of_layers_name_what_is_wrong(text: str, message: str):
    with pytest.raises(ValueError, match=message):
        parse_genotype(text)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_space_reads_texts_of_its_own_form_only(name: str):
    says = {
        "nas-bench-201": "3 nodes",
        "darts": r"not a Genotype\(...\) text|is written Genotype",
        "nas-bench-macro": "8 digits from 0 to 2",
        "mobilenet": "layers, parted by",
        "nas-bench-1shot1-1": "blocks and the output are expected",
    }
    texts = {"nas-bench-201": BENCH, "darts": DARTS, "nas-bench-macro": MACRO, "mobilenet": PROXYLESS}
    texts["nas-bench-1shot1-1"] = ONE_SHOT
    form = SPACES[name].notation_form
    for other in texts.keys() - {form}:
        with pytest.raises(ValueError, match=rf"{says[form]}|a genotype of .* found, one of .* expected"):
            parse_genotype(texts[other], name)
    if form == name:
        assert parse_genotype(texts[form], name) == parse_genotype(texts[form])


def test_a_search_result_is_read_as_its_genotype(tiny_results: dict[str, SearchResult]):
    for result in tiny_results.values():
        assert parse_genotype(result.to_json()) == Genotype.from_json(result.to_json()) == result.genotype


def _json(text: str, **changes: object) -> str:
    return json.dumps({**parse_genotype(text).to_dict(), **changes})


def _edges(change: Callable[[list[dict[str, object]]], object], text: str = BENCH, kind: str = "cell") -> str:
    data = parse_genotype(text).to_dict()
    change(data["cells"][kind]["edges"])
    return json.dumps(data)


def _concat(value: object) -> str:
    data = parse_genotype(DARTS).to_dict()
    data["cells"]["reduce"]["concat"] = value
    return json.dumps(data)


FIRST = "('sep_conv_3x3', 0)"
CALL = "__import__('os').system('touch pwned')"

MALFORMED = {
    # NAS-Bench-201 strings: the text, and what the message must name
    "unknown operation": (
        BENCH.replace("avg_pool_3x3~1", "avg_pool_5x5~1"),
        "edge 3: unknown operation 'avg_pool_5x5'",
    ),
    "operation of another space": (
        BENCH.replace("none~2", "sep_conv_3x3~2"),
        "edge 6: unknown operation 'sep_conv_3x3'",
    ),
    "empty operation": (BENCH.replace("none~2", "~2"), "edge 6: unknown operation ''"),
    "missing edge": (BENCH.replace("avg_pool_3x3~1|", ""), "node 2: 2 incoming edges expected, 1 found"),
    "extra edge": (BENCH + "none~3|", "node 3: 3 incoming edges expected, 4 found"),
    "duplicate edge": (BENCH.replace("avg_pool_3x3~1", "avg_pool_3x3~0"), "edge 1→2: source '0' found, '1' expected"),
    "wrong order": (
        BENCH.replace("skip_connect~0|nor_conv_3x3~1", "nor_conv_3x3~1|skip_connect~0"),
        "edge 0→3: source '1'",
    ),
    "missing node": (BENCH.rsplit("+", 1)[0], "3 nodes"),
    "extra node": (BENCH + "+" + BENCH, "3 nodes"),
    "no source": (BENCH.replace("none~2", "none"), "edge 2→3: 'none' has no '~'"),
    "padded source": (BENCH.replace("none~2", "none~02"), "edge 2→3: source '02'"),
    "source in other digits": (BENCH.replace("none~2", "none~٢"), "edge 2→3: source '٢'"),
    "open end": (BENCH[:-1], "node 3"),
    "call as an operation": (BENCH.replace("none~2", f"{CALL}~2"), "edge 6: unknown operation"),
    "call as a source": (BENCH.replace("none~2", f"none~{CALL}"), "edge 2→3: source"),
    "look-alike letter": (BENCH.replace("none~2", "nоne~2"), "edge 6: unknown operation 'nоne'"),
    "full-width bar": (BENCH.replace("|", "｜"), "is no known notation"),
    "escape sequence": ("\x1b[2J" + BENCH.replace("none~2", "no\x1b[2Jne~2"), "edge 6: unknown operation"),
    "line separator": (BENCH.replace("none~2", "no\u2028ne~2"), "edge 6: unknown operation"),
    "NUL": (BENCH.replace("none~2", "no\0ne~2"), "edge 6: unknown operation"),
    "lone surrogate": (BENCH.replace("none~2", "\ud800~2"), "edge 6: unknown operation"),
    "byte order mark inside": (BENCH.replace("none~2", "\ufeffnone~2"), "edge 6: unknown operation"),
    "a thousand bars": ("|" * 1000, "3 nodes"),
    "10 MB of bars": ("|" * 10_000_000, "10,000,000 characters"),
    # DARTS texts
    "unknown operation, darts": (DARTS.replace(FIRST, "('sep_conv_7x7', 0)", 1), "normal, edge 1: unknown operation"),
    "edge from a later node": (
        DARTS.replace(FIRST, "('sep_conv_3x3', 2)", 1),
        "normal, edge 1: no edge from node 2 to node 2",
    ),
    "missing edge, darts": (
        DARTS.replace(FIRST + ", ", "", 1),
        "normal, node 5: 1 incoming edges found, 2 expected",
    ),
    "missing last edge": (
        DARTS.replace(", ('dil_conv_3x3', 2)", ""),
        "normal, node 5: 1 incoming edges found, 2 expected",
    ),
    "no edges": (DARTS.split("normal=")[0] + "normal=[], " + DARTS[DARTS.index("normal_concat") :], "normal, node 2"),
    "extra edges": (DARTS.replace(FIRST, ", ".join([FIRST] * 9), 1), "normal, edge 9: no edge from node 0 to node 6"),
    "triple": (DARTS.replace(FIRST, "('sep_conv_3x3', 0, 'x')", 1), "normal[0] (line 1, column 18)"),
    "quadruple": (DARTS.replace(FIRST, "('sep_conv_3x3', 0, 2, 2)", 1), "normal[0] (line 1, column 18)"),
    "name for a number": (DARTS.replace(FIRST, "('sep_conv_3x3', zero)", 1), "normal[0] (line 1, column 18)"),
    "swapped pair": (DARTS.replace(FIRST, "(0, 'sep_conv_3x3')", 1), "normal[0] (line 1, column 18)"),
    "boolean node": (DARTS.replace(FIRST, "('sep_conv_3x3', False)", 1), "normal[0] (line 1, column 18)"),
    "float node": (DARTS.replace(FIRST, "('sep_conv_3x3', 0.0)", 1), "normal[0] (line 1, column 18)"),
    "negative node": (DARTS.replace(FIRST, "('sep_conv_3x3', -1)", 1), "normal[0] (line 1, column 18)"),
    "huge node": (DARTS.replace(FIRST, f"('sep_conv_3x3', {'9' * 400})", 1), "normal, edge 1: no edge from node 9999"),
    "huge range of few": (
        DARTS.replace("[2, 3, 4, 5]", "range(0, 10000000000, 2500000000)", 1),
        "normal_concat (line 1",
    ),
    "5,000 digits": (DARTS.replace(FIRST, f"('sep_conv_3x3', {'9' * 5000})", 1), "line 1"),
    "15,000 hexadecimal digits": (DARTS.replace(FIRST, f"('sep_conv_3x3', 0x{'f' * 15000})", 1), "normal[0]"),
    "infinite node": (DARTS.replace(FIRST, "('sep_conv_3x3', 1e999)", 1), "normal[0] (line 1, column 18)"),
    "bytes": (DARTS.replace(FIRST, "(b'sep_conv_3x3', 0)", 1), "normal[0] (line 1, column 18)"),
    "f-string": (DARTS.replace(FIRST, f'(f"{{{CALL}}}", 0)', 1), "normal[0] (line 1, column 18)"),
    "wrong concat": (DARTS.replace("[2, 3, 4, 5]", "[2, 3, 4]", 1), "normal_concat (line 1, column 201)"),
    "wrong range": (DARTS.replace("[2, 3, 4, 5]", "range(2, 7)", 1), "normal_concat (line 1, column 201)"),
    "huge range": (DARTS.replace("[2, 3, 4, 5]", f"range(0, {10**18})", 1), "normal_concat (line 1, column 201)"),
    "concat of a set": (DARTS.replace("[2, 3, 4, 5]", "{2, 3, 4, 5}", 1), "normal_concat (line 1, column 201)"),
    "concat of a dict": (DARTS.replace("[2, 3, 4, 5]", "{2: 0, 3: 0, 4: 0, 5: 0}", 1), "normal_concat"),
    "concat of floats": (DARTS.replace("[2, 3, 4, 5]", "[2.0, 3.0, 4.0, 5.0]", 1), "normal_concat"),
    "range with a keyword": (DARTS.replace("[2, 3, 4, 5]", f"range(2, 6, x={CALL})", 1), "normal_concat"),
    "call as an operation, darts": (DARTS.replace(FIRST, f"({CALL}, 0)", 1), "normal[0] (line 1, column 18)"),
    "call as a node": (DARTS.replace(FIRST, f"('sep_conv_3x3', {CALL})", 1), "normal[0] (line 1, column 18)"),
    "call as a pair": (DARTS.replace(FIRST, CALL, 1), "normal[0] (line 1, column 18)"),
    "call as a cell": (f"Genotype(normal={CALL}, normal_concat=[2], reduce=[], reduce_concat=[2])", "normal"),
    "call as a concat": (DARTS.replace("[2, 3, 4, 5]", CALL, 1), "normal_concat (line 1, column 201)"),
    "call in a concat": (DARTS.replace("[2, 3, 4, 5]", f"[2, 3, 4, {CALL}]", 1), "normal_concat (line 1, column 201)"),
    "call in a range": (DARTS.replace("[2, 3, 4, 5]", f"range(2, {CALL})", 1), "normal_concat (line 1, column 201)"),
    "call as the function": (CALL + DARTS.removeprefix("Genotype"), "no known notation"),
    "call as an argument": (f"Genotype({CALL})", "takes exactly normal, normal_concat"),
    "call as a keyword": (DARTS[:-1] + f", other={CALL})", "takes exactly normal, normal_concat"),
    "call in stars": (f"Genotype(**{CALL})", "takes exactly normal, normal_concat"),
    "attribute": (DARTS.replace("Genotype", "Genotype.mro"), "a DARTS genotype is written"),
    "lambda": (f"Genotype(normal=lambda: {CALL}, normal_concat=0, reduce=0, reduce_concat=0)", "normal"),
    "repeated keyword": (DARTS[:-1] + ", normal=[])", "takes exactly normal"),
    "missing keyword": ("Genotype(normal=[], reduce=[])", "takes exactly normal"),
    "misspelt keyword": (DARTS.replace("reduce=", "reduction=", 1), "takes exactly normal"),
    "unclosed": (DARTS[:-1], "line 1, column 9"),
    "full-width sign": (DARTS.replace("=", "＝", 1), "line 1, column 16"),
    "look-alike name": (DARTS.replace("Genotype", "Gеnotype"), "no known notation"),
    "look-alike operation": (DARTS.replace("dil_conv", "dil_сonv"), "normal, edge 8: unknown operation"),
    "NUL, darts": (DARTS.replace(FIRST, "('sep\0', 0)", 1), "Genotype(...)"),
    "lone surrogate, darts": (DARTS.replace(FIRST, "('\ud800', 0)", 1), "Genotype(...)"),
    "nested 9,000 deep": (f"Genotype(normal={'[' * 9000}{']' * 9000})", "Genotype(...)"),
    "nested 10,000 deep, half": ("Genotype(normal=" + "(" * 10_000, "Genotype(...)"),
    "19,000 signs": (f"Genotype(normal={'-' * 19_000}1)", "Genotype(...)"),
    "9,000 calls": ("Genotype" + "()" * 9_000, "Genotype(...)"),
    "9,000 attributes": ("Genotype" + ".a" * 9_000, "Genotype(...)"),
    "9,000 terms": ("Genotype(normal=" + "1+" * 9_000 + "1)", "Genotype(...)"),
    "long name": (DARTS.replace(FIRST, f"('{'s' * 15_000}', 0)", 1), "normal, edge 1: unknown operation 'sss"),
    "10 MB of text": ("Genotype(" + " " * 10_000_000 + ")", "10,000,010 characters"),
    # JSON texts
    "not JSON": ("{'schema': 1}", "holds no genotype; what stands in braces is JSON with the schema"),
    "repeated name": ('{"schema": 1, "schema": 1}', "the name 'schema' stands twice in one JSON object"),
    "truncated JSON": (_json(BENCH)[:-3], "line 1"),
    "wrong schema": (_json(BENCH, schema="freenas/genotype@2"), "schema: 'freenas/genotype@2' found"),
    "list for schema": (_json(BENCH, schema=[]), "schema: [] found"),
    "no schema": ("{}", "'{}' holds no genotype; what stands in braces is JSON with the schema"),
    "unknown space": (_json(BENCH, space="nas-bench-101"), "space: unknown search space 'nas-bench-101'"),
    "list for space": (_json(BENCH, space=["darts"]), "space: unknown search space ['darts']"),
    "NaN for space": (_json(BENCH, space=float("nan")), "space: unknown search space nan"),
    "empty document for space": (_json(BENCH, space={}), "space: schema: field required"),
    "space of another genotype": (_json(BENCH, space="darts"), "cell types normal, reduce; found ['cell']"),
    "list for cells": (_json(BENCH, cells=[]), "cells: an object expected, [] found"),
    "null cells": (_json(BENCH, cells=None), "cells: an object expected, None found"),
    "no cell": (_json(BENCH, cells={}), "has the cell types cell; found []"),
    "cell missing": (_json(DARTS, cells={"normal": {"edges": []}}), "cell types normal, reduce"),
    "list for a cell": (_json(BENCH, cells={"cell": []}), "cells.cell: an object expected"),
    "unknown cell": (_json(BENCH, cells={"a\nb": {"edges": []}}), r"'a\nb'"),
    "cell with a long name": (_json(BENCH, cells={"x" * 100_000: {"edges": 1}}), "cells.xxx"),
    "object for edges": (_json(BENCH, cells={"cell": {"edges": {}}}), "cells.cell.edges: a list expected"),
    "string for an edge": (_edges(lambda edges: edges.insert(1, "x")), "cells.cell.edges[1]: an object expected"),
    "no operation": (_edges(lambda edges: edges[2].pop("operation")), "cells.cell.edges[2]"),
    "null operation": (_edges(lambda edges: edges[2].update(operation=None)), "cells.cell.edges[2]"),
    "wrong operation in JSON": (
        _edges(lambda edges: edges[2].update(operation="conv")),
        "cell, edge 3: unknown operation",
    ),
    "string for a node": (_edges(lambda edges: edges[0].update({"from": "0"})), "cells.cell.edges[0]"),
    "boolean for a node": (_edges(lambda edges: edges[0].update({"from": False})), "cells.cell.edges[0]"),
    "NaN for a node": (_edges(lambda edges: edges[0].update({"from": float("nan")})), "cells.cell.edges[0]"),
    "infinity for a node": (
        _edges(lambda edges: edges[0].update({"to": 1})).replace('"to": 1', '"to": 1e999', 1),
        "edges[0]",
    ),
    "huge number for a node": (
        _edges(lambda edges: edges[0].update({"from": 10**4000})),
        "cell, edge 1: no edge from node 1000",
    ),
    "negative node in JSON": (
        _edges(lambda edges: edges[0].update({"from": -1})),
        "cell, edge 1: no edge from node -1",
    ),
    "missing edge in JSON": (_edges(lambda edges: edges.pop()), "cell, node 3: 2 incoming edges found, 3 expected"),
    "duplicate edge in JSON": (_edges(lambda edges: edges.append(edges[0])), "cell, edge 7"),
    "edges in another order": (_edges(lambda edges: edges.reverse()), "listed by the node"),
    "edges of a node swapped": (_edges(lambda edges: edges.insert(1, edges.pop(2))), "listed by the nodes"),
    "wrong concat in JSON": (_concat([2, 3, 4]), "cells.reduce.concat: [2, 3, 4] found, [2, 3, 4, 5] expected"),
    "null concat": (_concat(None), "cells.reduce.concat"),
    "a result without a genotype": (
        '{"schema": "freenas/search-result@1"}',
        "genotype: an object expected, None found",
    ),
    "number of 5,000 digits": (f'{{"schema": {"9" * 5000}}}', "number too long"),
    "JSON nested 100,000 deep": ('{"schema": ' + "[" * 100_000, "nested too deeply"),
    "JSON nested 900 deep": (f'{{"schema": {"[" * 900}{"]" * 900}}}', "schema: [[["),
    "10 MB of JSON": ('{"schema": "' + "x" * 10_000_000 + '"}', "characters"),
    # neither
    "empty": ("", "empty text"),
    "blank": (" \n\t", "empty text"),
    "only a byte order mark": ("\ufeff", "empty text"),
    "a list": ("[1, 2]", "is no known notation"),
    "a word": ("nor_conv_3x3", "is no known notation"),
    "a call": (CALL, "is no known notation"),
    "a pickle": ("\x80\x04\x95cos\nsystem\n(S'touch pwned'\ntR.", "is no known notation"),
}


def test_the_refusal_of_nothing_says_how_genotypes_begin():
    with pytest.raises(ValueError, match=r"^empty text; a genotype begins with ") as refused:
        parse_genotype("")
    assert all(each.notation_hint in str(refused.value) for each in SPACES.values())
    assert len(str(refused.value)) < 300


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> None:
        raise AssertionError("the text was evaluated")

    for name in ("system", "popen"):
        monkeypatch.setattr(os, name, run)


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.usefixtures("nothing_runs")
def test_a_malformed_text_is_refused_in_a_sentence_that_names_the_place(name: str):
    text, place = MALFORMED[name]
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        parse_genotype(text)
    message = str(caught.value)
    assert place in message
    assert message.isprintable()
    assert len(message) <= 300
    assert not isinstance(caught.value, UnicodeError | json.JSONDecodeError)


@pytest.mark.parametrize("value", [None, 5, b"|none~0|", ["darts"], {"schema": "freenas/genotype@1"}])
def test_only_text_is_parsed(value: object):
    with pytest.raises(ValueError, match=f"a genotype is text, {type(value).__name__} found"):
        parse_genotype(value)  # type: ignore[arg-type]


@given(st.text(max_size=60), st.integers(0, len(DARTS)), st.integers(0, 40), st.booleans())
@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
def test_a_text_with_anything_in_it_is_read_or_refused(inserted: str, position: int, removed: int, darts: bool):
    whole = DARTS if darts else BENCH
    text = whole[:position] + inserted + whole[position + removed :]
    try:
        found = parse_genotype(text)
    except ValueError as error:
        assert str(error).isprintable()  # noqa: PT017
        assert len(str(error)) <= 300  # noqa: PT017
    else:
        assert parse_genotype(found.notation) == found


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_value_in_any_place_is_refused(value: object):
    data = parse_genotype(DARTS).to_dict()
    for broken in (
        {**data, "schema": value},
        {**data, "space": value},
        {**data, "cells": value},
        {**data, "cells": {"normal": value, "reduce": data["cells"]["reduce"]}},
        {**data, "cells": {"normal": {"edges": value}, "reduce": data["cells"]["reduce"]}},
        {**data, "cells": {"normal": {"edges": [value] * 8}, "reduce": data["cells"]["reduce"]}},
    ):
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            parse_genotype(json.dumps(broken))
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) <= 300


@pytest.mark.parametrize("space", PARALLEL.values(), ids=PARALLEL)
@settings(max_examples=15)
@given(data=st.data())
def test_none_and_an_input_that_is_read_twice_are_architectures_but_no_answers(space: SearchSpace, data: st.DataObject):
    genotype = data.draw(genotypes(space, derivable=False))
    edges = [(kind, *gene[:2]) for kind, genes in genotype.genes for gene in genes]
    names = {gene.operation for _, genes in genotype.genes for gene in genes}
    assert genotype.derivable == (len(set(edges)) == len(edges) and "none" not in names)
    if space.name in SPACES:
        assert parse_genotype(genotype.notation, space) == genotype
        assert Genotype.from_json(genotype.to_json()) == genotype
        VALIDATORS["genotype"].validate(genotype.to_dict())


@given(genotypes())
def test_a_search_may_answer_with_any_other(genotype: Genotype):
    assert genotype.derivable


@pytest.mark.parametrize(
    ("space", "cell", "genes", "message"),
    [
        ("robust-darts-s2", "normal", [(0, 2, "none"), (1, 2, "skip_connect")], "edge 1: unknown operation 'none'"),
        ("darts", "reduce", [(0, 2, "skip_connect")] * 3, "node 2: 3 incoming edges found, 2 expected"),
        ("nas-bench-201", "cell", [(0, 1, "none")] * 2, "edge 2: the edge from node 0 to node 1 stands twice"),
        ("nas-bench-macro", "network", [(0, 1, "identity")] * 2, "edge 2: the edge from node 0 to node 1 stands twice"),
    ],
)
def test_spaces_keep_their_rules(space: str, cell: str, genes: list[tuple[int, int, str]], message: str):
    whole = Population.sample(space, 1, seed=0).genotype(0).cells
    others = [gene for gene in whole[cell] if gene.target != genes[0][1]]
    with pytest.raises(ValueError, match=f"{cell}, {message}"):
        Genotype.of(space, {**whole, cell: [*(Gene(*gene) for gene in genes), *others]})


def test_constructing_a_genotype_checks_it():
    with pytest.raises(ValueError, match="unknown search space 'x'"):
        Genotype.of("x", {})
    with pytest.raises(ValueError, match="cell, edge 1: no edge from node 0 to node 9"):
        Genotype(get_space("nas-bench-201"), (("cell", (Gene(0, 9, "none"),)),))


def test_a_notebook_shows_the_picture_of_its_cells():
    drawing = parse_genotype(DARTS)._repr_svg_()
    assert drawing.startswith("<svg")
    assert "Reduction cell" in drawing
