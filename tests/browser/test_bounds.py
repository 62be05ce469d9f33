"""A running server with narrow bounds: what goes beyond them gets a sentence, and the page lives on."""

import http.client
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serving
from tests.browser.table_menu import open_menu
from tests.browser.visit import Visit, headline
from tests.waiting import PATIENCE

MEGABYTE = b"x" * 1_000_000


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A server that takes uploads of 1 MB, and whose workers may have less memory than they begin with."""
    folder = tmp_path_factory.mktemp("narrow")
    with serving(folder, STREAMLIT_SERVER_MAX_UPLOAD_SIZE="1", FREENAS_MAX_MEMORY="60 MB") as address:
        yield address


def uploaded(page, name, content):
    """Upload a table; return the request of the browser."""
    uploader = open_menu(page).get_by_test_id("stFileUploaderDropzoneInput")
    with page.expect_request(lambda request: "/upload_file/" in request.url and request.method == "PUT") as sent:
        uploader.set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    return sent.value


def test_a_worker_beyond_its_memory_is_a_sentence_and_the_page_goes_on(context, address):
    visit = Visit(context, address)
    page = visit.open("/viewer")
    uploaded(page, "a.csv", b"arch,acc\n")
    sentence = "a.csv cannot be read: it was ended at 60 MB of memory, the most that this server lets"
    expect(page.get_by_text(sentence).first).to_be_visible()
    page.keyboard.press("Escape")  # the menu of the table
    page.get_by_role("link", name="Runs").click()
    headline(page, "Runs")
    visit.close()


def test_uploads_that_a_program_sends_are_bounded_for_a_page(context, address):
    visit = Visit(context, address)
    page = visit.open("/viewer")
    request = uploaded(page, "c.csv", b"arch,acc\n")
    place, headers = request.url.rpartition("/")[0], {"X-Xsrftoken": request.all_headers()["x-xsrftoken"]}

    def put(number, content):
        file = {"name": "x", "mimeType": "text/csv", "buffer": content}
        return page.request.put(f"{place}/{number}", headers=headers, multipart={"file": file})

    assert put(0, 2 * MEGABYTE).status == 413
    answers = [put(number, MEGABYTE) for number in range(5)]
    assert [answer.status for answer in answers] == [204] * 4 + [413]
    assert answers[-1].text() == "The uploads of this page have 4 MB; at most 4 MB are held.\n"
    visit.close()


def test_an_upload_without_a_size_is_refused_before_it_is_sent(address):
    with closing(http.client.HTTPConnection(address.removeprefix("http://"), timeout=PATIENCE)) as connection:
        connection.request("PUT", "/_stcore/upload_file/page/file", iter([MEGABYTE]), encode_chunked=True)
        response = connection.getresponse()
        assert (response.status, response.read()) == (411, b"An upload says its size first.\n")
