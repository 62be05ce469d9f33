"""The audit of what is pinned, beside a database that is made up."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.audit import PINNED, main

WRONG = {
    "id": "PYSEC-2099-1",
    "summary": "made up",
    "affected": [
        {
            "package": {"name": "tabulate", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "0.11.0"}]}],
        }
    ],
}


class Database(BaseHTTPRequestHandler):
    """Knows of one vulnerability, in tabulate."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = {"vulns": [WRONG]} if asked["package"]["name"] == "tabulate" else {}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *arguments):
        """Keep the output of the tests clean."""


@pytest.fixture
def database():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Database)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()


def _audited(tmp_path, capsys, pinned, url):
    path = tmp_path / "pinned.txt"
    path.write_text(pinned)
    status = main(["--pinned", str(path), "--", "-s", "osv", "--osv-url", url])
    return status, capsys.readouterr().out


def test_a_known_vulnerability_fails(tmp_path, capsys, database):
    found = _audited(tmp_path, capsys, "tqdm==4.70.1\ntabulate==0.10.0\n", database)
    assert found == (1, "tabulate 0.10.0: PYSEC-2099-1, fixed in 0.11.0\n")


def test_what_is_clean_passes(tmp_path, capsys, database):
    found = _audited(tmp_path, capsys, "tqdm==4.70.1\n", database)
    assert found == (0, "audit: no known vulnerability in 1 of 1 dependencies\n")


def test_without_a_network_nothing_fails_and_a_line_says_so(tmp_path, capsys):
    status, said = _audited(tmp_path, capsys, "tqdm==4.70.1\n", "http://127.0.0.1:9/v1/query")
    assert status == 0
    assert said.startswith("audit: no dependency could be audited")
    assert said.count("\n") == 1


def test_what_is_not_pinned_fails(tmp_path, capsys, database):
    status, said = _audited(tmp_path, capsys, "tqdm>=4\n", database)
    assert status == 1
    assert "tqdm" in said


def test_everything_that_runs_the_app_is_audited():
    assert "-r requirements.txt" in PINNED.read_text().splitlines()
