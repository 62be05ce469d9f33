"""The audit of installed packages, beside a database that is made up."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.audit import main

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


def environment(folder: Path, **packages: str) -> Path:
    """A folder of installed packages, as pip leaves their names and versions."""
    for name, version in packages.items():
        info = folder / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return folder


def audited(capsys: pytest.CaptureFixture[str], folder: Path, url: str) -> tuple[int, str]:
    status = main(["--path", str(folder), "--", "-s", "osv", "--osv-url", url])
    return status, capsys.readouterr().out


def test_a_known_vulnerability_fails(tmp_path, capsys, database):
    found = audited(capsys, environment(tmp_path, tqdm="4.70.1", tabulate="0.10.0"), database)
    assert found == (1, "tabulate 0.10.0: PYSEC-2099-1, fixed in 0.11.0\n")


def test_packages_that_nobody_pinned_are_audited(tmp_path, capsys, database):
    found = audited(capsys, environment(tmp_path, tqdm="4.70.1", numpy="2.0.0"), database)
    assert found == (0, "audit: no known vulnerability in 2 of 2 packages\n")


def test_without_a_network_nothing_fails_and_a_line_says_so(tmp_path, capsys):
    status, said = audited(capsys, environment(tmp_path, tqdm="4.70.1"), "http://127.0.0.1:9/v1/query")
    assert status == 0
    assert said.startswith("audit: no package could be audited")
    assert said.count("\n") == 1


def test_an_unknown_option_fails_with_its_reason(tmp_path, capsys):
    assert main(["--path", str(tmp_path), "--", "--no-such-option"]) == 1
    assert "no-such-option" in capsys.readouterr().out
