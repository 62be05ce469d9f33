"""The page of the evidence, with small tables made here."""

import csv as csv_module
import io

import numpy as np
import pytest

from dashboard.evidence import recipes
from dashboard.server.navigation import PAGES
from dashboard.server.session import answer_cache
from engine import SearchConfig
from engine.genotypes.population import Population
from engine.measures import MEASURES
from engine.studies.evidence import EvidenceQuestion, evidence
from engine.studies.found_cells import recipe_cells
from engine.studies.published import PUBLISHED
from engine.studies.report import report_text
from engine.studies.seeds import SeedStudy, closed_form, study_seeds
from engine.tables import read_table
from tests.dashboard.conftest import SMALL, job_of, look_until_it_ends, texts, wait_for
from tests.dashboard.text_tables import text_tables

PAGE = PAGES["evidence"].script
COLUMN = "cifar10_test_accuracy_200ep"
CONVS = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"


def rows(count=40):
    population = Population.sample("nas-bench-201", count, 5)
    params = MEASURES["params"].of(population, None)
    accuracy = 88 + 4 * params / params.max() + np.random.default_rng(1).normal(size=count)
    found = dict(zip((each.notation for each in population.genotypes()), accuracy.round(2), strict=True))
    return found | {CONVS: 93.76}


def write(path, found):
    lines = [f"{arch},{value},{place}" for place, (arch, value) in enumerate(found.items())]
    (path / "made.csv").write_text("\n".join([f"arch,{COLUMN},place", *lines, "resnet,1,2"]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables")
    write(path, rows())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FREENAS_TABLES", str(path))
        yield path


@pytest.fixture(scope="module")
def weighed(app, folder, _nothing_known):
    """The page with the evidence of the table; only looked at."""
    return settled(asked(app, 4))


def opened(app, **query):
    """The page with the evidence of the table, under the seed 0."""
    at = app(PAGE, **{"table": "made.csv"} | query)
    return settled(wait_for(at, "table") if job_of(at, "table") else at)


def asked(app, seed, **query):
    """The page that asks for the evidence under another seed."""
    return opened(app, **query).number_input(key="seed").set_value(seed).run()


def settled(at):
    """The page, when all the evidence that it asks for has ended."""
    for _ in range(8):
        if job_of(at, "evidence") is None:
            break
        job = job_of(at, "evidence")
        wait_for(at, "evidence")
        if job_of(at, "evidence") is job:
            break
    return at


BOARD = "Scores, the best ranking first"


def test_without_a_table_the_page_shows_what_ships_and_says_what_to_bring(app):
    at = app(PAGE)
    assert [title.value for title in at.title] == ["Evidence"]
    assert any("Bring a table" in text for text in texts(at))
    assert len(at.code[0].value.strip().splitlines()) == 3
    shown = text_tables(at)
    assert {"Scores in NAS-Bench-201", "Scores in DARTS"} < set(shown)
    assert sum(name.startswith("Published") for name in shown) == len(PUBLISHED)
    assert job_of(at, "evidence") is None


def test_the_example_on_the_page_is_a_table(app, tmp_path):
    path = tmp_path / "example.csv"
    path.write_text(app(PAGE).code[0].value)
    table = read_table(path)
    assert not table.column(COLUMN).missing
    assert len(table.population) == 2
    assert not table.report.foreign


def test_a_table_is_weighed_by_itself(weighed, folder):
    at = weighed
    expected = evidence(
        read_table(folder / "made.csv"), EvidenceQuestion(column=COLUMN, measures=("flow", "params", "macs"), seed=4)
    )
    shown = text_tables(at)
    for row in shown[BOARD]:
        score = next(score for score in expected.scores if score.title == row["Score"])
        assert row["Ranks (Spearman)"] == f"{score.spearman.value:.3f}"
        assert row["Finds (best of its first 10)"] == f"{score.pick(10).best:.2f} %"
        assert row["First pick"] == f"{score.accuracy:.2f} %"
    assert len(shown[BOARD]) == 3
    assert [row["Trained"] for row in shown["log-flow beside random search, at the same number of trainings"]] == [
        "the first",
        "the first 10",
    ]
    assert len(at.get("plotly_chart")) == 2
    assert any("not of this space: 1" in text for text in texts(at))
    assert any("**CIFAR-10 test accuracy (%), 200 epochs**" in text for text in texts(at))


def test_a_row_that_is_chosen_is_put_into_words(weighed):
    at = weighed
    at.session_state["EvidenceState"].selected = "macs"
    at.run()
    assert any(text.startswith("**MACs** orders the 41 architectures") for text in texts(at))
    assert not any(text.startswith("**log-flow** orders") for text in texts(at))
    at.session_state["EvidenceState"].selected = ""
    at.run()


def test_columns_of_the_table_are_scores_beside_the_others(app, folder):
    at = opened(app, score_columns="place")
    scores = at.session_state["EvidenceState"].shown[1].scores
    assert [score.name for score in scores] == ["flow", "params", "macs", "place"]
    whole = evidence(
        read_table(folder / "made.csv"),
        EvidenceQuestion(column=COLUMN, measures=("flow", "params", "macs"), columns=("place",)),
    )
    assert scores == whole.scores  # joined from two parts, as if taken at once
    assert "place" in [row["Score"] for row in text_tables(at)[BOARD]]


def test_a_score_that_needs_labels_is_offered_images_that_have_some(app, tmp_path, monkeypatch):
    write(tmp_path, rows(4))
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    at = opened(app, sample="300", scores="snip")
    assert at.selectbox(key="data").options == ["digits of scikit-learn"]
    _, found = at.session_state["EvidenceState"].shown
    assert (found.data, found.scores[-1].name) == ("scikit-learn digits", "snip")
    at.multiselect(key="scores").set_value(["naswot"]).run()
    assert at.selectbox(key="data").options == ["Gaussian noise", "smooth noise", "digits of scikit-learn"]
    at.multiselect(key="scores").set_value([]).run()
    assert not [each for each in at.selectbox if each.key == "data"]


def test_the_last_evidence_stays_while_another_is_asked_for(app, folder):
    at = opened(app)
    before = text_tables(at)[BOARD]
    at.number_input(key="seed").set_value(1).run()
    assert text_tables(at)[BOARD] == before
    assert any("The last evidence" in text for text in texts(at))
    settled(at)
    assert not any("The last evidence" in text for text in texts(at))


def end(at, role, state, error=""):
    """Let this session's job in a role have ended so, whatever it came to."""
    job = job_of(at, role)
    look_until_it_ends(job)
    answer_cache()._answers.pop(job.task, None)
    job.state, job.error = state, error
    at.run()
    return job


def test_what_was_stopped_is_asked_for_by_a_button_alone(app, folder):
    at = asked(app, 77)
    job = end(at, "evidence", "stopped")
    assert any("log-flow, Parameters, MACs: stopped." in text for text in texts(at))
    at.run()
    assert job_of(at, "evidence") is job
    at.button(key="evidence_again").click().run()
    assert job_of(at, "evidence") is not job
    settled(at)
    assert BOARD in text_tables(at)


def test_what_failed_is_said_and_the_rest_is_asked_for(app, folder):
    at = asked(app, 78, score_columns="place")
    end(at, "evidence", "failed", "the [device] is gone")
    assert any(
        "log-flow, Parameters, MACs: ended without a result: the [device] is gone" in text for text in texts(at)
    ), texts(at)
    settled(at)
    assert [row["Score"] for row in text_tables(at)[BOARD]] == ["place", "log-flow, Parameters, MACs"]


def small_questions(space):
    return [SearchConfig(space=space, recipe=recipe, cells=1, **SMALL) for recipe in ("synaptic", "released")]


@pytest.fixture
def few_seeds(monkeypatch):
    monkeypatch.setattr(recipes, "SEEDS", 2)
    monkeypatch.setattr(recipes, "default_questions", small_questions)


def test_seeds_of_every_recipe_are_run_one_after_the_other(app, folder, few_seeds):
    at = opened(app)
    at.button(key="run_evidence_seeds").click().run()
    for _ in range(2):
        wait_for(at, "study")
    studies = [study_seeds(closed_form(config), range(2)) for config in small_questions("nas-bench-201")]
    table = read_table(folder / "made.csv")
    expected = recipe_cells(studies, table, COLUMN)
    rows = text_tables(at)["Numbers of the cells that recipes found, and of groups of the table"]
    shown = {row["Cells"]: row for row in rows}
    assert list(shown) == [cells.name for cells in expected.groups]
    assert shown["synaptic, 2 seeds"]["Median"] == "93.76"
    assert [row["Not in the table"] for row in rows] == [f"{cells.summary.missing}" for cells in expected.groups]
    accuracies = table.of(COLUMN)
    assert shown["random cells"]["Mean regret"] == f"{accuracies.max() - accuracies.mean():.2f}"
    assert not [button for button in at.button if button.key == "run_evidence_seeds"]
    assert any(text.startswith("**synaptic, 2 seeds**: 93.76 ± 0.00 %") for text in texts(at))
    assert any("synaptic: seeds 0 to 1 in the closed form, 4 channels" in text for text in texts(at))


def test_seeds_that_were_stopped_are_not_started_again(app, folder, few_seeds, monkeypatch):
    monkeypatch.setattr(recipes, "SEEDS", 3)
    at = opened(app)
    at.button(key="run_evidence_seeds").click().run()
    job = end(at, "study", "stopped")
    assert at.button(key="run_evidence_seeds")
    at.run()
    assert job_of(at, "study") is job


def test_recipes_that_mean_nothing_in_a_space_are_marked(app, tmp_path, monkeypatch):
    population = Population.sample("darts", 12, 0)
    lines = [f'"{each.notation}",{90 + place}' for place, each in enumerate(population.genotypes()) if place < 9]
    (tmp_path / "made.csv").write_text("\n".join([f"arch,{COLUMN}", *lines]))
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    config = closed_form(SearchConfig(space="darts", recipe="released"))
    study = SeedStudy(config, (0,), {}, {}, (population.genotype(11).notation,), 1.0)
    monkeypatch.setattr(recipes, "_studies", lambda space: (study,))
    at = opened(app)
    assert any("These scores are rounding error" in warning.value for warning in at.warning)
    assert any("none of the genotypes found is in the table" in text for text in texts(at))


def test_the_last_cell_found_on_explore_has_a_rank(weighed, folder):
    table = read_table(folder / "made.csv")
    place = int((table.of(COLUMN) > 93.76).sum()) + 1
    assert any(
        f"The cell of the search shipped with the project (synaptic, seed 0): 93.76 %, rank {place} of 41" in text
        for text in texts(weighed)
    )


def test_published_figures_stand_apart(weighed):
    rows = text_tables(weighed)["Published: NAS-Bench-201, test accuracy, %"]
    methods = [row["Method"].rpartition(" ")[0] for row in rows]
    assert methods == [peer.method for peer in PUBLISHED["nas-bench-201"].peers]
    assert any("the cell of FreeNAS, 93.76 %, is above 11 of the 14 on CIFAR-10" in text for text in texts(weighed))
    assert any("None of them was measured here" in text for text in texts(weighed))


def test_everything_can_be_taken_away(weighed, folder):
    at = weighed
    at.session_state["evidence_text"] = at.session_state["evidence_export"] = True
    at.run()
    table, (_, shown) = read_table(folder / "made.csv"), at.session_state["EvidenceState"].shown
    expected = report_text(shown, recipe_cells((), table, COLUMN), "markdown")
    assert expected.strip() in [code.value.strip() for code in at.code]
    files = {button.label for button in at.get("download_button")}
    assert files == {"All numbers, CSV", "Markdown", "LaTeX", "Evidence JSON"}
    numbers = list(csv_module.DictReader(io.StringIO(report_text(shown, recipe_cells((), table, COLUMN), "csv"))))
    assert {"measured", "found", "published"} <= {row["part"] for row in numbers}
