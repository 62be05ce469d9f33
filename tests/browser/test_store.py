"""A running server whose store is away: what is found waits and is kept, and no page and no log has its password."""

import re
from contextlib import closing

from playwright.sync_api import expect

from engine.runs.store import RunStore
from tests.browser.conftest import serving
from tests.browser.visit import Visit, button, headline, status

AWAY = "the store of runs cannot be opened"


def test_a_run_waits_for_its_store_and_is_kept_when_the_server_ends(context, tmp_path):
    folder = tmp_path / "away"
    url = f"sqlite:///file:{folder}/runs.sqlite3?uri=true&password=s3cr%20et7"
    with serving(tmp_path, FREENAS_STORE=url) as address:
        visit = Visit(context, address)
        page = visit.open("/?seed=77")
        button(page, "search").click()
        status(page, re.compile(f"This run was not kept: {AWAY}; it waits"))
        page.get_by_role("link", name="Runs").click()
        headline(page, "Runs")
        expect(page.get_by_text(f"1 run waits to be kept: {AWAY}")).to_be_visible()
        expect(page.get_by_text(f"The runs cannot be shown: {AWAY}")).to_be_visible()
        assert not any(word in page.content() for word in (str(folder), "s3cr"))
        visit.close()
        folder.mkdir()
    with closing(RunStore(url)) as store:
        assert [run.seed for run in store.find()] == [77]
    log = (tmp_path / "log").read_text("utf-8")
    assert f"the store of runs (file:{folder}/runs.sqlite3) cannot be opened: unable to open database file" in log
    assert "s3cr" not in log
