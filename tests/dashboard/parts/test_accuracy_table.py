"""The control of the accuracy table, in the app."""

import os
import re

import pytest

from dashboard.parts.accuracy_table import KEY, NO_TABLE
from engine.genotypes.population import Population
from engine.tables.metadata import sidecar
from tests.dashboard.conftest import job_of, texts, wait_for

PAGE = "pages/evidence.py"
ARCHS = [genotype.notation for genotype in Population.whole("nas-bench-201").take(slice(9000, 9012)).genotypes()]
SAID = "cifar10_test_accuracy_200ep"


def csv(column=SAID, rows=None):
    rows = rows or [(arch, 80 + place) for place, arch in enumerate(ARCHS)]
    return "".join(f"{','.join(map(str, row))}\n" for row in [("arch", column), *rows])


def upload(at, name, text):
    at.file_uploader(key="table_upload").upload(name, text.encode()).run()
    return wait_for(at, "table") if job_of(at, "table") else at


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    return tmp_path


def options(at):
    return at.selectbox(key=KEY).options


def test_without_a_table_nothing_is_read(app):
    at = app(PAGE)
    assert options(at) == [NO_TABLE]
    assert job_of(at, "table") is None
    assert not at.error


def test_tables_of_the_folder_are_offered_and_read(app, folder):
    (folder / "mine.csv").write_text(csv())
    (folder / "notes.txt").write_text("no table")
    at = app(PAGE)
    assert options(at) == [NO_TABLE, "mine.csv"]
    wait_for(at.selectbox(key=KEY).set_value("mine.csv").run(), "table")
    assert at.selectbox(key="accuracy_column").options == [SAID]
    assert any("Rows read: 12." in text for text in texts(at))


def test_a_link_names_a_table_of_the_server(app, folder):
    (folder / "mine.csv").write_text(csv())
    at = wait_for(app(PAGE, **{KEY: "mine.csv"}), "table")
    assert at.selectbox(key=KEY).value == "mine.csv"
    other = app(PAGE, **{KEY: "<b>gone.csv"})
    assert other.selectbox(key=KEY).value == NO_TABLE
    assert any("There is no table '<b>gone.csv' here" in text for text in texts(other))


def test_a_table_is_read_in_the_space_that_its_notation_does_not_name(app, folder):
    drawn = Population.sample("robust-darts-s4", 12, 3).genotypes()
    (folder / "noisy.csv").write_text(csv(rows=[(f'"{each.notation}"', 90) for each in drawn]))
    at = wait_for(app(PAGE, **{KEY: "noisy.csv"}), "table")
    wait_for(at.selectbox(key="table_space").set_value("robust-darts-s4").run(), "table")
    assert any("Rows read: 12." in text for text in texts(at))
    assert job_of(at, "table").task.load().population.space.name == "robust-darts-s4"


def test_a_table_given_to_the_command_is_chosen_at_once(app, tmp_path, monkeypatch):
    (tmp_path / "given.csv").write_text(csv())
    monkeypatch.setattr(
        "sys.argv", ["app.py", "--table", str(tmp_path / "given.csv"), "--table", "/no/such", "--table"]
    )
    at = wait_for(app(PAGE), "table")
    assert options(at) == [NO_TABLE, "given.csv"]
    assert at.selectbox(key=KEY).value == "given.csv"


def test_a_table_that_changes_or_is_described_is_read_again(app, folder):
    path = folder / "mine.csv"
    path.write_text(csv("acc"))
    at = wait_for(app(PAGE, **{KEY: "mine.csv"}), "table")
    assert at.number_input  # what the file does not say is asked for
    sidecar(path).write_text('{"columns": {"acc": {"dataset": "SVHN", "split": "test", "epochs": 7}}}')
    os.utime(sidecar(path), ns=(2**62, 2**62))
    wait_for(at.run(), "table")
    assert job_of(at, "evidence").task.epochs == 7
    path.write_text("arch,acc\n")
    os.utime(path, ns=(2**62 + 1, 2**62 + 1))
    wait_for(at.run(), "table")
    assert any("mine.csv cannot be read: no column holds genotypes" in text or "no rows" in text for text in texts(at))


def test_an_upload_is_kept_read_and_chosen(app):
    at = upload(app(PAGE), "../my table.csv", csv())
    assert at.selectbox(key=KEY).value == "my table.csv (uploaded)"
    task = job_of(at, "table").task
    assert not task.trusted
    assert task.path.startswith(os.environ["FREENAS_CACHE"])
    at.file_uploader(key="table_upload").clear().run()
    assert at.selectbox(key=KEY).value == "my table.csv (uploaded)"
    assert options(app(PAGE)) == [NO_TABLE]  # another session does not see it


BAD = {
    "row, column and value": (
        csv(rows=[(ARCHS[0], 90), (ARCHS[1], "oops"), (ARCHS[2], 91)]),
        "column '.*': row 3: 'oops' found; .* expected",
    ),
    "two rows": (csv(rows=[(ARCHS[0], 90), (ARCHS[1], 80)]), "has a number for 2 architectures; at least 3 are needed"),
    "conflict": (csv(rows=[(ARCHS[0], 90), (ARCHS[0], 91)]), "row 2 and row 3 are the same architecture"),
    "mixed scales": (csv(rows=[(ARCHS[0], 0.9), (ARCHS[1], 0.8), (ARCHS[2], 70)]), "row 4.*70 found"),
    "no architectures": (csv(rows=[("resnet", 76)]), "no column holds genotypes"),
    "binary": ("\0\1\2", "NUL character"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_wrong_file_gets_a_sentence(app, case):
    text, expected = BAD[case]
    at = upload(app(PAGE), "wrong.csv", text)
    assert any(re.search(expected, error) for error in texts(at)), texts(at)
    assert not at.exception


def control(at, label):
    return next(each for each in (*at.text_input, *at.number_input, *at.selectbox) if each.label == label)


def test_what_the_file_does_not_say_is_asked_for_while_the_evidence_is_computed(app):
    at = upload(app(PAGE), "plain.csv", csv("acc"))
    task = job_of(at, "evidence").task
    assert (task.dataset, task.split, task.epochs) == (None, None, None)
    control(at, "Dataset").set_value("my [data]")
    control(at, "Split").set_value("test")
    control(at, "Epochs of training").set_value(12).run()
    wait_for(at, "evidence")
    task = job_of(at, "evidence").task
    assert (task.dataset, task.split, task.epochs) == ("my [data]", "test", 12)


def test_what_is_not_known_stands_beside_the_numbers(app):
    at = wait_for(upload(app(PAGE), "plain2.csv", csv("test acc")), "evidence")
    assert any("Test accuracy" in text and "epochs not known" in text for text in texts(at)), texts(at)


@pytest.mark.parametrize(
    ("name", "meaning", "facts"),
    [
        ("test_err", "error in per cent, less is better", (True, True)),
        ("val_loss", "other numbers, less is better", (False, True)),
        ("score", "other numbers, more is better", (False, False)),
        ("acc", "accuracy in per cent", (True, False)),
    ],
)
def test_any_column_of_numbers_has_a_meaning_that_can_be_said(app, name, meaning, facts):
    at = upload(app(PAGE), f"{name}.csv", csv(name))
    assert control(at, "Meaning").value == meaning
    task = job_of(at, "evidence").task
    assert (task.accuracy, task.lower_is_better) == facts
    control(at, "Meaning").set_value("error in per cent, less is better").run()
    wait_for(at, "evidence")
    task = job_of(at, "evidence").task
    assert (task.accuracy, task.lower_is_better) == (True, True)
    assert not at.exception


def test_the_lowest_error_is_the_best(app):
    at = wait_for(upload(app(PAGE), "errors.csv", csv("test_err")), "evidence")
    assert any("Test error" in text and "less is better" in text for text in texts(at))
    assert any("The best of the table (80.00 %) ranks" in text for text in texts(at))


def test_a_stopped_reading_waits_to_be_asked_again(app, folder):
    (folder / "mine.csv").write_text(csv("test_accuracy"))
    at = app(PAGE, **{KEY: "mine.csv"})
    job = job_of(at, "table")
    wait_for(at, "table")
    from dashboard.server.session import answer_cache

    answer_cache()._answers.pop(job.task)
    job.state = "stopped"
    at.run()
    assert job_of(at, "table") is job
    at.button(key="read_table").click().run()
    assert job_of(at, "table") is not job


def test_the_oldest_uploads_are_forgotten_and_a_lost_one_is_said(app, monkeypatch):
    from dashboard.parts import accuracy_table
    from dashboard.server import limits, uploads

    monkeypatch.setattr(uploads, "_KEPT", 0)
    monkeypatch.setattr(limits, "largest_upload", lambda: uploads._LEAST)
    monkeypatch.setattr(limits, "UPLOADS_OF_SERVER", 1)
    at = upload(app(PAGE), "first.csv", csv())
    first = job_of(at, "table").task
    upload(app(PAGE), "second.csv", csv("cifar10_valid_accuracy_12ep"))
    assert not os.path.exists(first.path)
    accuracy_table._loaded.clear()
    at.run()
    assert any("first.csv cannot be read any more" in text for text in texts(at))


def test_an_upload_for_which_there_is_no_room_gets_a_sentence(app, monkeypatch):
    from dashboard.server import limits

    monkeypatch.setattr(limits, "UPLOADS_OF_BROWSER", 0)
    at = upload(app(PAGE), "first.csv", csv())
    assert any(
        "The file cannot be kept on the server: the uploads of the last hour, yours, have 0 MB; at most 0 MB are kept."
        in text
        for text in texts(at)
    )
    assert job_of(at, "table") is None
