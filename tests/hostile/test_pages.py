"""The corpus through the pages: one good sentence, shown as plain text; no exception, nothing run or written."""

import re
from collections import defaultdict
from itertools import count

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.server.installation import PACKAGE, SCRIPT
from tests.dashboard.conftest import _no_component_installed, _nothing_known, _workers, fresh_worker, wait_for  # noqa: F401
from tests.dashboard.parts import table_session
from tests.hostile.corpus import LONGEST, bytes_of, cases, made, text_of, trouble
from tests.waiting import PATIENCE


def _page(name, **query):
    at = AppTest.from_file(str(SCRIPT), default_timeout=PATIENCE)
    for key, values in query.items():
        at.query_params[key] = values
    at.switch_page(str(PACKAGE / "pages" / f"{name}.py"))
    return at.run()


def _said(at):
    """What a page says in its boxes, with the signs of Markdown as they are seen."""
    assert not at.exception
    shown = [each.value for group in (at.error, at.warning) for each in group]
    for text in shown:
        assert not re.search(r"(?<!\\)[<>`*\[\]$]", text), "Markdown of a user's takes effect"
    return [re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).replace("\u2060", "") for text in shown]


def _some(door):
    """The cases that a page might take otherwise than Python does, and every fifth of the rest."""
    named = re.compile("script|override|pickle|zip|path|surrogate|NUL|escape|code")
    return [case for place, case in enumerate(cases(door)) if named.search(case["name"]) or not place % 5]


def _typed(case):
    """A text that a browser can send."""
    found = made(case["send"])
    return isinstance(found, str) and not re.search("[\ud800-\udfff]", found) and len(found) < 100_000


@pytest.mark.usefixtures("folder")
def test_genotypes_in_the_text_field():
    at = _page("viewer")
    for case in filter(_typed, cases("genotype")):
        at.text_area(key="genotype").set_value(text_of(case["send"])).run()
        (sentence,) = _said(at) or [info.value for info in at.info]  # a choice of several is no error
        assert not trouble(sentence, longest=LONGEST + 20), case["name"]


def _upload(at, key, name, data, role=""):
    """What the page says of an upload, which a worker reads in a role, if in any."""
    at.file_uploader(key=key).upload(name, data).run()
    said = _said(wait_for(at, role) if role else at)
    at.file_uploader(key=key).clear().run()
    return said


@pytest.mark.usefixtures("folder")
def test_genotypes_as_files():
    at = _page("viewer")
    for case in (case for case in cases("genotype") if isinstance(made(case["send"]), bytes)):
        (sentence,) = _upload(at, "upload", "<b>\u202ecell.json", bytes_of(case["send"]))
        assert not trouble(sentence, longest=LONGEST + 60), case["name"]


@pytest.mark.usefixtures("folder")
def test_results_as_files():
    """The viewer looks at the genotype in a result alone."""
    at = _page("viewer")
    for case in _some("result"):
        for sentence in _upload(at, "upload", "result.json", bytes_of(case["send"])):
            assert not trouble(sentence, longest=LONGEST + 60), case["name"]


@pytest.mark.usefixtures("folder")
def test_spaces_as_files():
    at = _page("explore")
    for case in _some("space"):
        (sentence,) = _upload(at, "space_upload", "space.json", bytes_of(case["send"]))
        assert not trouble(sentence, case["says"], LONGEST + 40), case["name"]
        assert not at.session_state["SpaceState"].own


@pytest.mark.usefixtures("folder")
def test_runs_as_files():
    at = _page("runs")
    for case in _some("runs"):
        (sentence,) = _upload(at, "runs_upload", "runs.json", bytes_of(case["send"]), "import")
        assert not trouble(sentence, case["says"], LONGEST + 60), case["name"]


WORDS = ("<script>alert(1)</script>", "![x](//evil.example/q.png)", "[x](javascript:alert(1))", "$x^2$ :red[x] `x` *x*")


@pytest.mark.usefixtures("fresh_worker")
@pytest.mark.parametrize("words", WORDS)
def test_words_of_runs_stay_words(folder, words, monkeypatch):
    monkeypatch.setenv("FREENAS_STORE", f"sqlite:///{folder / 'runs.sqlite3'}")
    told = {"runs/0/name": words, "runs/0/note": words, "runs/0/tags": [words[:32]]}
    at = _page("runs")
    at.file_uploader(key="runs_upload").upload("runs.json", bytes_of({"valid": "runs", "set": told})).run()
    wait_for(at, "import")
    for shown in (at, _page("explore", run=["0123456789abcdef"]), _page("compare", run=["0123456789abcdef"])):
        assert not shown.exception
        texts = [each.value for group in (shown.markdown, shown.caption, shown.info, shown.error) for each in group]
        assert not [text for text in texts if re.search(r"(?<!\\)(<script|!\[x|\[x\]\(j|\$x|:red\[)", text)]


@pytest.mark.usefixtures("folder")
def test_tables_as_files():
    at = table_session.opened()
    for case in (case for case in _some("table") if "beside" not in case):
        at.file_uploader(key="table_upload").upload(case["file"], bytes_of(case["send"])).run()
        (sentence,) = _said(wait_for(at, "table"))
        assert not trouble(sentence, case["says"], LONGEST + 40), case["name"]
        assert table_session.shown(at) == ["nothing", "nothing"]


@pytest.mark.usefixtures("folder")
def test_tables_of_names_that_lead_elsewhere():
    at = table_session.opened()
    for name in ("../../../owned.csv", "/etc/owned.csv", "..", "C:\\owned.csv", "a\0b.csv", "\u202evsc.csv", "x" * 300):
        at.file_uploader(key="table_upload").upload(name, b"a,b\n1,2\n").run()
        assert all(not trouble(sentence, longest=LONGEST + 100) for sentence in _said(wait_for(at, "table")))


def _by_turns(page):
    """The links of a page, the first of every parameter together, then the second of every one, and so on."""
    turns, places = defaultdict(dict), defaultdict(count)
    for case in (case for case in cases("link") if case["page"] == page):
        names = tuple(case["query"])
        turn = next(places[names]) if len(names) < 3 else "all"
        turns[turn] |= {name: values for name, values in case["query"].items() if not _is_long(values)}
    return list(turns.values())


def _is_long(values):
    return sum(map(len, values)) > 20_000


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("page", ["explore", "atlas", "evidence"])
def test_links(page):
    for query in _by_turns(page):
        sentences = _said(_page(page, **query))
        assert sentences, query
        assert "This link was not understood in full" in " ".join(sentences) or "run" in query
        for sentence in sentences:
            assert not trouble(sentence, longest=LONGEST + 50), query


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("page", ["compare", "viewer", "learn"])
def test_links_of_other_pages(page):
    for query in _by_turns(page):
        for sentence in _said(_page(page, **query)):
            assert not trouble(sentence, longest=LONGEST + 50), query


def test_links_of_tables(folder, monkeypatch):
    (folder / "mine.csv").write_text(table_session.csv("acc"))
    monkeypatch.setenv("FREENAS_TABLES", str(folder))
    for query in [case["query"] for case in cases("link") if case["page"] == "table"]:
        at = table_session.opened(**query)
        assert (_said(at), table_session.shown(at)) == ([], ["nothing", "nothing"]), query
    for query in _by_turns("column"):
        at = table_session.opened(**query)
        assert _said(at) == [], query


@pytest.mark.usefixtures("fresh_worker")
def test_links_of_the_runs(folder, monkeypatch):
    monkeypatch.setenv("FREENAS_STORE", f"sqlite:///{folder / 'runs.sqlite3'}")
    _upload(_page("runs"), "runs_upload", "runs.json", bytes_of({"valid": "runs"}), "import")
    for query in _by_turns("runs"):
        for sentence in _said(_page("runs", **query)):
            assert not trouble(sentence, longest=LONGEST + 50), query
