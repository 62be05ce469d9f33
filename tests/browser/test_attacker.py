"""Another web site, open in the same browser, that tries to use the dashboard."""

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

ATTEMPTS = """async (server) => {
    const outcome = {}
    const paths = ["/", "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/media/0.png", "/static/"]
    for (const path of paths) {
        const read = fetch(server + path, { credentials: "include" })
        outcome[path] = await read.then(async (answer) => "read: " + (await answer.text()), () => "refused")
    }
    const token = document.cookie.split("_streamlit_xsrf=")[1] ?? ""
    for (const method of ["PUT", "POST", "DELETE"]) {
        const body = new FormData()
        body.append("file", new Blob(["a"]), "a.json")
        const headers = { "X-Xsrftoken": token }
        const options = { method, headers, credentials: "include", ...(method === "DELETE" ? {} : { body }) }
        const sent = fetch(server + "/_stcore/upload_file/a/b", options)
        outcome[method] = await sent.then((answer) => answer.status, () => "refused")
    }
    outcome.websocket = await new Promise((resolve) => {
        const socket = new WebSocket(server.replace("http", "ws") + "/_stcore/stream")
        socket.onopen = () => resolve("open")
        socket.onerror = () => resolve("refused")
    })
    return outcome
}"""
"""What a page tries, and what it comes to."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The port of a site with one empty page."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "index.html").write_text("<!doctype html><title>A site</title><h1>A site</h1>")

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=folder)) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site.server_port
        site.shutdown()


@pytest.fixture(params=["localhost", "127.0.0.1"])
def attacker(request, context, server, site):
    """The page of a site of another host, or of another port of the same host, which sees its cookies."""
    with context.new_page() as page:
        page.goto(server + "/_stcore/health")
        page.goto(f"http://{request.param}:{site}/")
        yield page


def test_it_reads_nothing_sends_nothing_and_does_not_connect(attacker, server):
    assert set(attacker.evaluate(ATTEMPTS, server).values()) == {"refused"}


def test_it_does_not_frame_the_dashboard(attacker, server):
    with attacker.expect_event("framenavigated", lambda frame: frame.parent_frame is not None) as navigated:
        attacker.evaluate("server => document.body.insertAdjacentHTML('beforeend', `<iframe src='${server}'>`)", server)
    assert navigated.value.url.startswith("chrome-error://")
