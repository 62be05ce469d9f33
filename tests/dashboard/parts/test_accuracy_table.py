"""The table that all pages share: from a link, of the server, uploaded, and lost."""

import os
import re
from pathlib import Path

from dashboard.parts import table_choice
from dashboard.parts.table_switcher import MENU
from dashboard.server import session
from engine.tables.metadata import sidecar
from tests.dashboard.conftest import job_of, texts
from tests.dashboard.parts.table_session import (
    ARCHS,
    TOLD,
    address,
    closed_label,
    csv,
    opened,
    pick,
    read,
    shown,
    upload,
)


def test_an_upload_is_found_by_its_digest_in_every_session():
    at = upload(opened(), "../my table.csv", csv())
    assert shown(at)[0] == TOLD
    task = job_of(at, "table").task
    assert not task.trusted
    assert task.path.startswith(os.environ["FREENAS_CACHE"])
    (digest,) = address(at).values()
    assert re.fullmatch("[0-9a-f]{32}", digest)
    assert "my table.csv (yours)" not in opened().selectbox(key="table_choice").options  # another browser
    again = opened(table=digest)
    assert shown(again) == shown(at)
    assert again.selectbox(key="table_choice").options == ["no table", "my table.csv"]


def test_a_table_that_is_not_here_is_no_error():
    for query in ({"table": "<b>gone.csv"}, {"table": "0" * 32}, {"table": "../../etc/passwd", "accuracy_epochs": "9"}):
        at = opened(**query)
        assert (shown(at), address(at), list(at.error)) == (["nothing", "nothing"], {}, [])
        assert any("The table of this link is not here" in text for text in texts(at))
        assert closed_label(at) == ("Bring a table", ":material/table_chart:")


def test_what_the_user_says_is_in_the_link():
    at = upload(opened(), "plain.csv", csv("acc"))
    assert shown(at)[0] == "Accuracy (%), dataset not stated, split not stated, epochs not stated"
    assert closed_label(at)[0] == "acc · epochs not stated"
    at.session_state[MENU] = True
    at.run()
    pick(at, "table_dataset", "my [data]")
    pick(at, "table_split", "test")
    pick(at, "table_epochs", 12)
    assert shown(at)[0] == "my [data] test accuracy (%), 12 epochs"
    again = opened(**address(at))
    assert shown(again) == shown(at)
    assert (again.text_input(key="table_dataset").value, again.number_input(key="table_epochs").value) == (
        "my [data]",
        12,
    )


def test_a_link_says_nothing_against_the_file(folder):
    (folder / "mine.csv").write_text(csv())
    at = opened(table="mine.csv", accuracy_dataset="SVHN", accuracy_epochs="7")
    assert shown(at)[0] == TOLD
    for wrong in ({"accuracy_column": "<b>"}, {"accuracy_meaning": "error", "accuracy_split": "holdout"}):
        (folder / "plain.csv").write_text(csv("acc"))
        at = opened(table="plain.csv", **wrong)
        assert shown(at)[0].startswith("Accuracy (%)")
        assert (list(at.error), address(at)) == ([], {"table": "plain.csv"})


def test_a_table_in_a_space_of_its_owners_own_is_not_here_without_it(folder):
    (folder / "mine.csv").write_text(csv())
    at = opened(table="mine.csv", table_space="my-cells (yours)")
    assert any("one of a space of its owner's own, which is not here" in text for text in texts(at))
    assert (shown(at), address(at)) == (["nothing", "nothing"], {})


def test_a_table_given_to_the_command_is_chosen_unless_none_is_asked_for(tmp_path, monkeypatch):
    (tmp_path / "given.csv").write_text(csv())
    monkeypatch.setattr("sys.argv", ["app.py", "--table", str(tmp_path / "given.csv"), "--table", "/no/such"])
    at = opened()
    assert (shown(at)[0], address(at)) == (TOLD, {"table": "given.csv"})
    pick(at, "table_choice", "")
    assert address(at) == {"table": "none"}
    assert shown(opened(table="none")) == ["nothing", "nothing"]


def test_a_table_that_changes_or_is_described_is_read_again(folder):
    path = folder / "mine.csv"
    path.write_text(csv("acc"))
    at = opened(table="mine.csv")
    sidecar(path).write_text('{"columns": {"acc": {"dataset": "SVHN", "split": "test", "epochs": 7}}}')
    os.utime(sidecar(path), ns=(2**62, 2**62))
    read(at)
    assert shown(at)[0] == "SVHN test accuracy (%), 7 epochs"
    path.write_text("arch,acc\n")
    os.utime(path, ns=(2**62 + 1, 2**62 + 1))
    read(at)
    assert shown(at)[0] == "nothing"
    assert any("mine.csv cannot be read: " in text for text in texts(at))


def test_a_file_that_cannot_be_read_gets_a_sentence_and_the_table_stays():
    at = upload(opened(), "good.csv", csv())
    kept = shown(at), address(at)
    for text, sentence in BAD.values():
        upload(at, "wrong.csv", text)
        assert any(re.search(f"^wrong.csv.*{sentence}", re.sub(r"\\(?=\W)", "", error.value)) for error in at.error)
        assert (shown(at), address(at)) == kept
    assert closed_label(at) == ("CIFAR-10 test · 200 ep", ":material/table_chart:")  # told, the menu was open
    at.session_state[MENU] = True
    assert not at.run().error


def test_a_stopped_reading_leaves_the_table_and_can_be_asked_for_again(folder):
    (folder / "mine.csv").write_text(csv())
    at = opened(table="mine.csv")
    job = job_of(at, "table")
    session.answer_cache()._answers.pop(job.task)
    job.state = "stopped"
    at.run()
    assert shown(at)[0] == "nothing"
    assert any("Reading mine.csv was stopped" in text for text in texts(at))
    pick(at, "table_choice", "mine.csv")
    assert job_of(at, "table") is not job
    assert shown(at)[0] == TOLD


BAD = {
    "row, column and value": (
        csv(rows=[(ARCHS[0], 90), (ARCHS[1], "oops"), (ARCHS[2], 91)]),
        "column '.*': row 3: 'oops' found; .* expected",
    ),
    "conflict": (csv(rows=[(ARCHS[0], 90), (ARCHS[0], 91)]), "row 2 and row 3 are the same architecture"),
    "no architectures": (csv(rows=[("resnet", 76)]), "no column holds genotypes"),
    "binary": ("\0\1\2", "NUL character"),
}


def test_an_upload_that_was_forgotten_is_let_go_with_a_sentence():
    at = upload(opened(), "first.csv", csv())
    Path(job_of(at, "table").task.path).unlink()
    at.run()
    assert any("first.csv was forgotten to make room for others; bring it again." in text for text in texts(at))
    assert (shown(at), address(at)) == (["nothing", "nothing"], {})
    assert shown(upload(at, "first.csv", csv()))[0] == TOLD


def test_back_takes_the_table_of_the_address_and_a_late_address_does_not(folder, monkeypatch):
    for name in ("one.csv", "two.csv"):
        (folder / name).write_text(csv())
    at = opened(table="one.csv")
    pick(at, "table_choice", "two.csv")
    at.query_params["table"] = "one.csv"  # a click that the browser sent before it knew the new address
    assert address(read(at)) == {"table": "two.csv"}
    at.query_params["table"] = "one.csv"
    monkeypatch.setattr(table_choice, "get_script_run_ctx", lambda **_: type("Back", (), {"is_history_navigation": 1}))
    assert address(read(at)) == {"table": "one.csv"}
