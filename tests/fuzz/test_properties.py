"""Whatever comes in, a reader answers with a value or with `ValueError` in one good sentence."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.atlas import controls as atlas_controls
from dashboard.evidence import controls as evidence_controls
from engine import SearchConfig
from tests.fuzz.mutate import ODD, put
from tests.fuzz.targets import TARGETS, run
from tests.hostile.corpus import valid

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = {
    "genotype": json.loads(valid("genotype")),
    "result": json.loads(valid("result")),
    "space": json.loads(valid("space")),
    "suite_zero": {"cifar10": {"(4, 0, 3, 1, 4, 3)": {"val_accuracy": 90, "params": {"score": 1}}}},
    "sidecar": {"columns": {"acc": {"dataset": "CIFAR-10", "split": "test", "epochs": 200}}},
    "config": SearchConfig().to_dict(),
}
NOTATIONS = {
    "genotype": [
        "|none~0|+|none~0|none~1|+|none~0|none~1|nor_conv_3x3~2|",
        "Genotype(normal=[('sep_conv_3x3', 0), ('none', 1)], normal_concat=range(2, 6), reduce=[], reduce_concat=[2])",
    ],
    "place": ["0-1:none\nnormal:0-2:sep_conv_3x3\n2-3:skip_connect"],
    "table": ["arch,acc\n|none~0|+|none~0|none~1|+|none~0|none~1|nor_conv_3x3~2|,10\n"],
}
PARAMETERS = [*SearchConfig.model_fields, "recipe", *atlas_controls.ATLAS_RULES, *evidence_controls.EVIDENCE_RULES]


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_anything(name, data):
    run(TARGETS[name], data)


@pytest.mark.parametrize("name", DOCUMENTS)
@given(places=st.lists(st.integers(0, 99), min_size=1, max_size=6), value=VALUES)
def test_a_document_with_anything_in_it(name, places, value):
    run(TARGETS[name], json.dumps(put(DOCUMENTS[name], places, value)).encode())


@pytest.mark.parametrize("name", NOTATIONS)
@given(data=st.data())
def test_a_notation_with_anything_in_it(name, data):
    text = data.draw(st.sampled_from(NOTATIONS[name]))
    begin, end = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    put = data.draw(st.text(max_size=20) | st.sampled_from(["|", "~", "+", "(", "'", ",", "\n", '"', "9" * 30, "\0"]))
    end = data.draw(st.sampled_from([begin, end]))
    run(TARGETS[name], (text[:begin] + put + text[end:]).encode("utf-8", "surrogatepass"))


@given(st.dictionaries(st.sampled_from(PARAMETERS), st.lists(st.text(max_size=9) | st.floats().map(str), max_size=3)))
def test_a_link_that_asks_for_anything(query):
    run(TARGETS["link"], urlencode(query, doseq=True, errors="surrogatepass").encode())
