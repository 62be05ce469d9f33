import numpy as np
import pytest

from dashboard.learn.pruning import CANDIDATES, KIND, SPACE, Candidate, ReaderPruning
from dashboard.learn.supernet import CELLS, field_data, share_words, supernet_data
from engine.common.work import Work

CONVOLUTION = SPACE.operations.index("nor_conv_3x3")


@pytest.fixture(scope="module")
def whole():
    return ReaderPruning().task.run(Work())


def _strands(data):
    return {strand["id"]: strand for edge in data["graph"]["edges"] for strand in edge["strands"]}


def test_strands_are_as_wide_as_the_flow_shares_of_the_engine(whole):
    data = supernet_data(whole.shares[KIND], ReaderPruning())
    strands = _strands(data)
    assert {id: strand["share"] for id, strand in strands.items()} == {
        id: whole.shares[KIND][place] for id, place in CANDIDATES.items()
    }
    assert CELLS == 15
    assert sum(float(entry["total"].rstrip("%")) for entry in data["operations"]) == pytest.approx(100, abs=2)


def test_what_flows_into_an_inner_node_flows_out(whole):
    edges = supernet_data(whole.shares[KIND], ReaderPruning())["graph"]["edges"]
    totals = {edge["name"]: sum(strand["share"] for strand in edge["strands"]) for edge in edges}
    assert totals["0→1"] == pytest.approx(totals["1→2"] + totals["1→3"], rel=1e-4)
    assert totals["0→2"] + totals["1→2"] == pytest.approx(totals["2→3"], rel=1e-4)


def test_what_was_dropped_has_no_strand_and_no_button(whole):
    pruning = ReaderPruning().keep(Candidate(0, CONVOLUTION))
    strands = _strands(supernet_data(whole.shares[KIND], pruning))
    fields = field_data(whole, pruning, "drop", None)["fields"]
    for id, place in CANDIDATES.items():
        gone = place.edge == 0 and place.operation != CONVOLUTION
        assert strands[id]["live"] is not gone
        assert (fields[id]["state"] == "gone") is gone
    assert fields[Candidate(0, CONVOLUTION).id]["state"] == "left"
    assert fields["5-1"]["label"].startswith("Drop 2→3 · skip: flow share ")


def test_the_weakest_and_what_freenas_chose_are_marked(whole):
    data = field_data(whole, ReaderPruning(), "keep", whole)
    assert data["weakest"] == "0-0"
    assert data["chosen"] == [f"{edge}-{CONVOLUTION}" for edge in range(6)]


def test_shares_in_words():
    shares = np.zeros((6, 5))
    shares[0] = [0, 1, 0, 3, 0]
    assert share_words(Candidate(0, 3), shares) == "0→1 · conv 3×3: flow share 3.000, 75% of this connection's signal"
    assert share_words(Candidate(1, 3), shares).endswith("0% of this connection's signal")
