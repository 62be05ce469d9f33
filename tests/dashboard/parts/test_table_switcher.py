"""The menu of the table in the header."""

from dashboard.parts.accuracy_table import TableColumn
from dashboard.parts.table_switcher import MENU, short_title
from dashboard.server import limits, uploads
from engine.genotypes.population import Population
from engine.tables import Column
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

NO_TABLE = "Bring a table"


def test_without_a_table_nothing_is_read_and_the_address_says_nothing():
    at = opened()
    assert at.selectbox(key="table_choice").options == ["no table"]
    assert (shown(at), address(at), job_of(at, "table")) == (["nothing", "nothing"], {}, None)
    assert closed_label(at) == (NO_TABLE, ":material/table_chart:")


def test_a_table_of_the_server_is_for_the_pages_of_its_space(folder):
    (folder / "mine.csv").write_text(csv())
    (folder / "notes.txt").write_text("no table")
    at = opened()
    assert at.selectbox(key="table_choice").options == ["no table", "mine.csv"]
    pick(at, "table_choice", "mine.csv")
    assert shown(at) == [TOLD, "nothing"]
    assert any(
        "12 architectures of NAS-Bench-201; pages of other spaces do without it. Rows read: 12." in text
        for text in texts(at)
    )
    assert address(at) == {"table": "mine.csv"}
    assert closed_label(at) == ("CIFAR-10 test · 200 ep", ":material/table_chart:")
    at.session_state[MENU] = True
    pick(at.run(), "table_choice", "")
    assert (shown(at), address(at)) == (["nothing", "nothing"], {})


def test_every_column_has_its_own_meaning():
    rows = [(arch, 80 + place, place) for place, arch in enumerate(ARCHS)]
    at = upload(opened(), "two.csv", csv("test_err,q", rows))
    assert at.selectbox(key="table_meaning").value == "error"
    pick(at, "table_column", "q")
    pick(at, "table_meaning", "less")
    assert shown(at)[0] == "q, less is better"
    pick(at, "table_column", "test_err")
    assert address(at).keys() == {"table"}
    pick(at, "table_column", "q")
    assert shown(at)[0] == "q, less is better"
    assert (address(at)["accuracy_column"], address(at)["accuracy_meaning"]) == ("q", "less")


def test_a_table_is_read_in_the_space_that_its_notation_does_not_name(folder):
    drawn = Population.sample("robust-darts-s4", 12, 3).genotypes()
    (folder / "noisy.csv").write_text(csv(rows=[(f'"{each.notation}"', 90) for each in drawn]))
    at = opened(table="noisy.csv")
    pick(at, "table_space", "robust-darts-s4")
    assert any("12 architectures of Robust-DARTS S4" in text for text in texts(at))
    assert address(at) == {"table": "noisy.csv", "table_space": "robust-darts-s4"}


def test_what_the_user_asked_for_and_could_not_have_shows_on_the_closed_menu(folder):
    (folder / "wrong.csv").write_text("arch,acc\nresnet,1\n")
    at = opened()
    at.selectbox(key="table_choice").set_value("wrong.csv").run()
    at.session_state[MENU] = False
    read(at)
    assert at.get("popover")[0].proto.popover.icon == ":material/error:"


def test_the_label_stays_while_the_menu_is_open():
    at = opened()
    upload(at, "good.csv", csv())
    assert at.get("popover")[0].proto.popover.label == NO_TABLE
    assert closed_label(at)[0] == "CIFAR-10 test · 200 ep"


def test_an_upload_for_which_there_is_no_room_gets_a_sentence(monkeypatch):
    monkeypatch.setattr(limits, "UPLOADS_OF_BROWSER", 0)
    at = upload(opened(), "second.csv", csv("other_acc"))
    assert any(
        "The file cannot be kept on the server: the uploads of the last hour, yours, have 0 MB; at most 0 MB are kept."
        in text
        for text in texts(at)
    )
    assert job_of(at, "table") is None


def test_a_read_only_server_takes_no_table_and_says_why(monkeypatch, folder):
    (folder / "unread.csv").write_text(csv("acc"))
    monkeypatch.setenv("FREENAS_READ_ONLY", "1")
    at = opened(table="unread.csv")
    assert at.file_uploader(key="table_upload").disabled
    assert limits.READ_ONLY in texts(at)
    assert (list(at.error), shown(at)) == ([], ["nothing", "nothing"])


def test_the_tables_of_a_browser_are_offered_to_all_its_pages(monkeypatch):
    monkeypatch.setattr(uploads, "browser", lambda: "one browser")
    at = upload(opened(), "mine.csv", csv())
    upload(at, "wrong.csv", "arch,acc\nresnet,1\n")
    assert opened().selectbox(key="table_choice").options == ["no table", "mine.csv (yours)"]


def test_a_title_is_short():
    def title(**facts):
        column = Column(facts.pop("name", "acc"), accuracy=facts.pop("accuracy", True), **facts)
        return short_title(TableColumn(None, type("Table", (), {"column": lambda self, name: column})(), column.name))

    assert title(dataset="CIFAR-10", split="test", epochs=200) == "CIFAR-10 test · 200 ep"
    assert title(dataset="SVHN", lower_is_better=True) == "SVHN error · epochs not stated"
    assert title(dataset="a dataset of a very long name", epochs=1) == "a dataset of a very long… · 1 ep"
    assert title(name="loss", accuracy=False) == "loss"


def test_a_meaning_that_the_numbers_cannot_have_is_refused_in_a_sentence():
    at = upload(opened(), "losses.csv", csv("loss", [(arch, 90 + place) for place, arch in enumerate(ARCHS)]))
    pick(at, "table_meaning", "error")
    assert any("column 'loss' holds 101; an accuracy lies between 0 and 100 %" in text for text in texts(at))
    assert shown(at)[0] == "loss, less is better"
    assert at.selectbox(key="table_meaning").value == "less"
