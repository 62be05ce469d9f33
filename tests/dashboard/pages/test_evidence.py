"""The page of the evidence, with small tables made here."""

import csv as csv_module
import io

import numpy as np
import pytest

from dashboard.evidence import recipes
from dashboard.parts.accuracy_table import KEY
from dashboard.server.navigation import PAGES
from dashboard.server.session import answer_cache
from engine import SearchConfig
from engine.genotypes.population import Population
from engine.measures import MEASURES
from engine.studies.evidence import BUDGETS, EvidenceQuestion, evidence, recipe_cells
from engine.studies.published import PUBLISHED
from engine.studies.report import report_text
from engine.studies.seeds import SeedStudy, closed_form, study_seeds
from engine.tables import read_table
from tests.dashboard.conftest import SMALL, headline, job_of, look_until_it_ends, texts, wait_for

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
    at = app(PAGE, **{KEY: "made.csv"} | query)
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


def frame(at, *columns):
    """The table on the page that has these columns."""
    return next(each.value for each in at.dataframe if set(columns) <= set(each.value.columns))


def test_without_a_table_the_page_says_what_to_bring_and_what_others_published(app):
    at = app(PAGE)
    assert headline(at) == "#### Evidence"
    assert any("No table ships with the project" in text for text in texts(at))
    example = next(code.value for code in at.code)
    assert len(example.strip().splitlines()) == 3
    assert len(at.dataframe) == len(PUBLISHED)
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
    assert "#### Evidence: CIFAR\\-10 test accuracy \\(\\%\\)\\, 200 epochs" in [each.value for each in at.markdown]
    shown = frame(at, "Spearman", "Kendall")
    for row, score in zip(shown.to_dict("records"), expected.scores, strict=True):
        assert (row["Spearman"], row["Kendall"]) == pytest.approx((score.spearman.value, score.kendall.value), abs=1e-5)
        assert row["95 % interval"] == f"{score.spearman.low:.3f} to {score.spearman.high:.3f}"
        assert (row["regret"], row["scored"]) == (pytest.approx(score.regret), 41)
    gains = frame(at, "gain")
    assert gains["gain"].tolist() == pytest.approx([pick.gain for score in expected.scores for pick in score.picks])
    assert len(gains) == 3 * sum(budget <= 41 for budget in BUDGETS)
    assert len(at.get("plotly_chart")) == 3
    assert any("not of this space: 1" in text for text in texts(at))


def test_columns_of_the_table_are_scores_beside_the_others(app, folder):
    at = opened(app, score_columns="place")
    scores = at.session_state["EvidenceState"].shown[1].scores
    assert [score.name for score in scores] == ["flow", "params", "macs", "place"]
    whole = evidence(
        read_table(folder / "made.csv"),
        EvidenceQuestion(column=COLUMN, measures=("flow", "params", "macs"), columns=("place",)),
    )
    assert scores == whole.scores  # joined from two parts, as if taken at once
    assert "place (from the table)" in frame(at, "Spearman")["score"].tolist()


def test_a_score_that_needs_labels_is_offered_images_that_have_some(app, tmp_path, monkeypatch):
    write(tmp_path, rows(4))
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    at = opened(app, sample="300 of them", scores="snip")
    assert at.selectbox(key="data").options == ["digits of scikit-learn"]
    _, found = at.session_state["EvidenceState"].shown
    assert (found.data, found.scores[-1].name) == ("scikit-learn digits", "snip")
    at.multiselect(key="scores").set_value(["naswot"]).run()
    assert at.selectbox(key="data").options == ["Gaussian noise", "digits of scikit-learn"]
    at.multiselect(key="scores").set_value([]).run()
    assert not [each for each in at.selectbox if each.key == "data"]


def test_the_last_evidence_stays_while_another_is_asked_for(app, folder):
    at = opened(app)
    before = frame(at, "Spearman").to_dict()
    at.file_uploader(key="table_upload").upload("bad.csv", b"arch,acc\nresnet,1\n").run()
    wait_for(at, "table")
    assert frame(at, "Spearman").to_dict() == before
    assert any("bad.csv cannot be read" in error.value.replace("\\", "") for error in at.main.error)
    assert any("The last evidence" in text for text in texts(at))
    at.selectbox(key=KEY).set_value("no table").run()
    assert not at.get("plotly_chart")


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
    assert frame(at, "Spearman") is not None


def test_what_failed_is_said_and_the_rest_is_asked_for(app, folder):
    at = asked(app, 78, score_columns="place")
    end(at, "evidence", "failed", "the [device] is gone")
    assert any(
        "log-flow, Parameters, MACs: ended without a result: the [device] is gone" in text for text in texts(at)
    ), texts(at)
    settled(at)
    assert frame(at, "Spearman")["score"].tolist() == ["place (from the table)"]


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
    shown = frame(at, "median rank").set_index("cells")
    assert shown.index.tolist() == [cells.name for cells in expected.groups]
    assert shown.loc["synaptic, 2 seeds", "median"] == 93.76
    assert shown["not in the table"].tolist() == [cells.summary.missing for cells in expected.groups]
    assert shown.loc["random cells", "mean regret"] == pytest.approx(table.of(COLUMN).max() - table.of(COLUMN).mean())
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
    shown = frame(weighed, "Method", "Source")
    assert shown["Method"].tolist() == [peer.method for peer in PUBLISHED["nas-bench-201"].peers]
    assert (shown["Source"] != "").all()
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
