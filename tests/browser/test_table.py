"""One table for all pages: brought once, there after a reload, in another browser, and on the way back."""

import re
from contextlib import closing

from playwright.sync_api import expect

from engine.genotypes.population import Population
from tests.browser.table_menu import bring, close_menu, named, open_menu
from tests.browser.visit import NARROW, Visit, fits, settled

ROWS = [f"{each.notation},{90 + place / 10}" for place, each in enumerate(Population.sample("darts", 8, 5).genotypes())]
TABLE = "arch,acc\n" + "".join(f'"{row.rpartition(",")[0]}",{row.rpartition(",")[2]}\n' for row in ROWS)


def test_a_table_follows_the_user_and_the_link(visit, browser, server):
    page = visit().open("/learn")
    named(page, "Bring a table")
    bring(page, {"name": "mine.csv", "mimeType": "text/csv", "buffer": TABLE.encode()})
    menu = open_menu(page)
    expect(menu.get_by_text("8 architectures of DARTS")).to_be_visible()
    menu.get_by_label("Epochs").fill("200")
    menu.get_by_label("Epochs").press("Enter")
    expect(menu.get_by_text("200 epochs, table mine.csv")).to_be_visible()
    expect(menu.get_by_label("Epochs")).to_be_focused()
    close_menu(page)
    named(page, "acc · 200 ep")
    page.get_by_role("link", name="Compare").click()
    expect(page).to_have_url(re.compile("/compare\\?.*table=[0-9a-f]{32}&accuracy_epochs=200"))
    named(page, "acc · 200 ep")
    settled(page)
    link = page.url
    page.go_back()
    expect(page).to_have_url(re.compile("/learn\\?"))
    page.reload()
    named(page, "acc · 200 ep")

    with closing(browser.new_context()) as elsewhere:
        other = Visit(elsewhere, server, viewport=NARROW)
        page = other.open(link.removeprefix(server))
        named(page, "acc · 200 ep")
        open_menu(page)
        fits(page)
        bring(page, {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"arch,acc\nresnet,1\n"})
        expect(page.get_by_role("alert").filter(has_text="bad.csv cannot be read: no column holds")).to_be_visible()
        close_menu(page)
        named(page, "acc · 200 ep")
        other.close()


def test_a_link_with_a_table_that_is_not_here_opens_its_page_without_a_word(visit):
    page = visit().open(f"/learn?table={'0' * 32}")
    named(page, "Bring a table")
    settled(page)
    assert page.get_by_role("alert").all_inner_texts() == []
    expect(open_menu(page).get_by_text("The table of this link is not here")).to_be_visible()
