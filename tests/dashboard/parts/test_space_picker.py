"""A space of one's own on every page: chosen like any other, known to its session alone, never in a link."""

import json
from collections import Counter

import numpy as np
import pytest

from dashboard.evidence import recipes as evidence_recipes
from dashboard.parts.space_picker import space_label, space_rule
from dashboard.parts.table_choice import TableChoice
from dashboard.server.navigation import PAGES
from engine import flow, parse_genotype
from engine.genotypes.population import Population
from engine.networks.cost import network_cost
from engine.searches.config import SearchConfig
from engine.spaces import load_space
from engine.studies.evidence import EvidenceQuestion, evidence
from engine.tables import read_table
from tests.dashboard.conftest import headline, job_of, texts, wait_for
from tests.dashboard.pages.test_atlas import chosen, marked, ranks, shown
from tests.dashboard.pages.test_compare import costs
from tests.dashboard.pages.test_evidence import settled
from tests.dashboard.pages.test_explore import OWN
from tests.engine.documents import SMALL

ATLAS, COMPARE, EVIDENCE, VIEWER = (f"pages/{name}.py" for name in ("atlas", "compare", "evidence", "viewer"))
DOCUMENT = OWN | {"title": "Mine :bug: _all_"}
SPACE = load_space(json.dumps(DOCUMENT))
NAME = "my-cells (yours)"
CELLS = Population.whole(SPACE).genotypes()
FLOW, PARAMS = flow(SPACE, CELLS, device="cpu"), np.array([network_cost(each).params for each in CELLS])
COLUMN = "cifar10_test_accuracy_200ep"


def brought(at, document=DOCUMENT):
    """The page, to which a space of one's own was uploaded."""
    return at.file_uploader(key="space_upload").upload("mine.json", json.dumps(document).encode()).run()


def ended(at, *roles):
    """The page when its jobs have ended; what the server knew already needed none."""
    for role in roles:
        at = wait_for(at, role) if job_of(at, role) else at
    return at


def given(at, table, label=NAME):
    """The page, in whose header a table is chosen and read as one of the space with this label."""
    at.session_state["TableState"].choice = TableChoice(table, label)
    return ended(at.run(), "table")


@pytest.fixture
def table(tmp_path, monkeypatch):
    """The name of a table of all cells, in the notation of their space."""
    rows = [f"{each.notation},{80 + place / 10}" for place, each in enumerate(CELLS)]
    (tmp_path / "mine.csv").write_text("\n".join([f"arch,{COLUMN}", *rows]))
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    return "mine.csv"


def test_the_atlas_holds_all_cells_of_an_own_space(app):
    at = ended(brought(app(ATLAS)), "atlas")
    assert at.selectbox(key="space").value == NAME
    assert headline(at).startswith("27 cells: the one that flow ranks first ")
    assert shown(at) == np.isfinite(FLOW).sum()
    assert chosen(at) == CELLS[int(FLOW.argmax())].notation
    assert ranks(at)["log-flow (log R)"] == [f"{FLOW.max():.5g}", "1 of 27"]
    at.text_input(key="atlas notation").set_value(CELLS[5].notation).run()
    at.button(key="mark").click().run()
    assert chosen(at) == CELLS[5].notation
    assert marked(at)[-1].endswith("mark 1")
    at.slider(key="count_skip_connect").set_value((2, 3)).run()
    skips = np.array([Counter(gene.operation for gene in each.cells["cell"])["skip_connect"] for each in CELLS])
    assert shown(at) == ((skips >= 2) & np.isfinite(FLOW)).sum()
    at.session_state["atlas export"] = True
    at.run()
    assert [each.label for each in at.get("download_button")][:2] == ["Genotype JSON", "PyTorch file"]


def test_what_explore_found_in_an_own_space_is_marked_on_the_atlas(app):
    at = ended(brought(app()), "preview")
    at.switch_page(PAGES["atlas"].script).run()
    at = ended(at.selectbox(key="space").select(NAME).run(), "atlas")
    found = at.session_state["LastResult"].shown.result.genotype
    at.text_input(key="atlas notation").set_value(found.notation).run()
    assert "search (synaptic, seed 0)" in at.selectbox(key="atlas mark").value


def test_an_own_space_that_cannot_be_listed_is_sampled(app):
    at = ended(brought(app(ATLAS), SMALL), "atlas")
    assert headline(at) == "32 genotypes of A small one"
    assert at.selectbox(key="y").options == ["Parameters", "MACs"]  # noise has no closed form
    assert parse_genotype(chosen(at), load_space(json.dumps(SMALL)))


def test_an_own_cell_goes_to_the_viewer(app):
    at = ended(brought(app(ATLAS)), "atlas")
    at.button(key="atlas open").click().run()
    assert at.session_state["ViewerState"].genotype == CELLS[int(FLOW.argmax())]


def test_the_viewer_keeps_the_space_of_an_own_cell(app):
    at = app(VIEWER)
    at.text_area(key="genotype").set_value(CELLS[7].to_json()).run()
    assert at.session_state["ViewerState"].genotype == CELLS[7]
    at.file_uploader(key="upload").upload("cell.json", CELLS[9].to_json().encode()).run()
    assert at.session_state["ViewerState"].genotype == CELLS[9]
    again = app(VIEWER, genotype=at.text_area(key="genotype").value)
    again.button(key="open").click().run()
    assert not again.warning
    assert again.selectbox(key="space").value == NAME


def test_a_table_of_an_own_space_is_an_axis(app, table):
    at = ended(given(brought(app(ATLAS)), table), "atlas")
    assert at.selectbox(key="y").value == "accuracy"
    assert shown(at) == np.isfinite(FLOW).sum()
    assert any("known of 27 of these architectures" in text for text in texts(at))


def test_a_table_of_an_own_space_has_its_evidence(app, table, tmp_path, monkeypatch):
    small = [SearchConfig(space=SPACE, recipe="synaptic", image_size=8)]
    monkeypatch.setattr(evidence_recipes, "SEEDS", 2)
    monkeypatch.setattr(evidence_recipes, "default_questions", lambda space: small)
    at = settled(given(brought(app(ATLAS)), table).switch_page(PAGES["evidence"].script).run())
    expected = evidence(
        read_table(tmp_path / table, space=SPACE), EvidenceQuestion(column=COLUMN, measures=("flow", "params", "macs"))
    )
    current = at.session_state["EvidenceState"].shown[1]
    assert (current.space, current.scores) == (SPACE, expected.scores)
    assert any("27 architectures of Mine :bug: _all_ in the table" in text for text in texts(at))
    at.button(key="run_evidence_seeds").click().run()
    wait_for(at, "study")
    found = job_of(at, "study").result.notations
    places = [[each.notation for each in CELLS].index(text) for text in found]
    mean = np.mean([80 + place / 10 for place in places])
    assert any(text.startswith(f"**synaptic, 2 seeds**: {mean:.2f} ±") for text in texts(at))
    at.session_state["evidence_export"] = True
    at.run()
    assert not at.exception


def test_scores_without_a_closed_form_leave_flow_out(app, tmp_path, monkeypatch):
    cells = Population.sample(load_space(json.dumps(SMALL)), 200, 0).distinct().genotypes()
    rows = [f"{each.notation},{80 + place}" for place, each in enumerate(cells[:9])]
    (tmp_path / "small.csv").write_text("\n".join([f"arch,{COLUMN}", *rows]))
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    at = given(brought(app(ATLAS), SMALL), "small.csv", space_label(load_space(json.dumps(SMALL))))
    at = settled(at.switch_page(PAGES["evidence"].script).run())
    assert [score.name for score in at.session_state["EvidenceState"].shown[1].scores] == ["params", "macs"]
    assert at.multiselect(key="scores").help.startswith("Parameters, MACs are always weighed.")
    assert not at.error


def test_questions_in_an_own_space_are_compared(app, table):
    at = given(brought(app(COMPARE)), table)
    assert at.selectbox(key="compare_space").value == NAME
    at.multiselect(key="recipes").set_value(["synaptic"]).run()
    at.multiselect(key="compare_seeds").set_value([0, 1]).run()
    ended(at, "table")
    at.button(key="compare").click().run()
    for _ in range(2):
        wait_for(at, "comparison")
    assert headline(at).startswith(("2 answers agree on ", "All 2 answers are the same "))
    assert [80 <= float(row[3]) <= 82.6 for row in costs(at)] == [True, True]


def test_a_budget_is_kept_in_an_own_space(app):
    at = ended(brought(app()), "preview")
    limit = int(np.median(PARAMS))
    at.number_input(key="max_params").set_value(limit).run()
    ended(at, "preview")
    found = at.session_state["LastResult"].shown.result
    best = np.where(limit >= PARAMS, FLOW, -np.inf).argmax()
    assert (found.genotype, found.config.max_params) == (CELLS[int(best)], limit)


@pytest.mark.parametrize(
    ("page", "query"),
    [
        (None, {"space": NAME}),
        (ATLAS, {"space": NAME, "row": "3", "mark": "4"}),
        (COMPARE, {"compare_space": NAME}),
    ],
)
def test_a_link_to_an_own_space_says_what_is_missing(app, page, query):
    at = app(page, **query)
    assert any("a link cannot hold a space of one's own, such as 'my-cells (yours)'" in text for text in texts(at))
    assert not query.items() & {name: at.query_params[name] for name in at.query_params}.items()
    brought(at)
    assert not any("a link cannot hold" in text for text in texts(at))


def test_spaces_that_a_link_may_name():
    assert space_rule("space", ["darts"]) == space_rule("space", []) == ""
    assert space_rule("space", ["mars"]).startswith("unknown search space 'mars'; allowed: nas-bench-201, ")
    assert space_rule("space", ["darts", "darts"]) == "space stands 2 times"


def test_two_sessions_do_not_share_their_spaces(app):
    brought(app(ATLAS))
    assert NAME not in app(ATLAS).selectbox(key="space").options


def test_what_is_no_space_is_said_on_every_page(app):
    for page in (ATLAS, COMPARE):
        at = brought(app(page), DOCUMENT | {"nodes": 99})
        assert any(text.startswith("mine.json is no search space: nodes") for text in texts(at))
        assert not at.session_state["SpaceState"].own
