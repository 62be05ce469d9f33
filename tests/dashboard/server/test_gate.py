"""The gate before the server: names, origins, connections and frames, by requests that are put to it directly."""

import asyncio

import pytest
from streamlit import config

from dashboard.server.gate import Gate

LOCAL = ["localhost", "127.0.0.1", "[::1]"]


@pytest.fixture
def options(monkeypatch):
    """Options of the server; what is not given is as by default, and set by nobody."""
    values = {"server.allowedHosts": LOCAL, "server.enableCORS": True, "server.corsAllowedOrigins": []}
    monkeypatch.setattr(config, "get_option", lambda name: values[name])
    monkeypatch.setattr(config, "is_manually_set", lambda name: name in values)
    return values


def answer(kind: str, path: str = "/", **headers: str) -> list[dict[str, object]]:
    """What is sent back to a request: by the server behind the gate, one message that says that it was reached."""
    sent: list[dict[str, object]] = []

    async def server(scope, receive, send):
        await send({"type": "reached"})

    async def receive():
        return {"type": f"{kind}.connect"}

    async def send(message):
        sent.append(message)

    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    asyncio.run(Gate(server)({"type": kind, "path": path, "headers": pairs, "method": "GET"}, receive, send))
    return sent


def passes(kind: str, path: str = "/", **headers: str) -> bool:
    sent = answer(kind, path, **headers)
    if sent == [{"type": "reached"}]:
        return True
    refused = {"http": ("http.response.start", 403), "websocket": ("websocket.close", 1008)}[kind]
    assert (sent[0]["type"], sent[0].get("status", sent[0].get("code"))) == refused
    return False


@pytest.mark.usefixtures("options")
@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST", "localhost.:80"])
def test_a_page_of_this_machine_connects(host: str):
    assert passes("http", host=host)
    assert passes("websocket", host=host, origin=f"http://{host}")
    assert passes("websocket", host=host)


@pytest.mark.usefixtures("options")
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:3000",
        "http://localhost.evil.example:8501",
        "http://evil.example@localhost:9",
        "null",
        "",
        "http://[::1",
        "file://",
        "http://8.8.8.8:8501",
    ],
)
def test_a_page_of_another_origin_does_not(origin: str):
    assert not passes("websocket", host="localhost:8501", origin=origin)


@pytest.mark.usefixtures("options")
@pytest.mark.parametrize("host", ["evil.example", "evil.example:8501", "", "localhost.evil.example", "[::1", "\xff"])
def test_another_name_for_this_machine_is_a_trick(host: str):
    assert not passes("http", host=host)
    assert not passes("websocket", host=host, origin=f"http://{host}")
    assert passes("http", "/_stcore/health", host=host)


@pytest.mark.usefixtures("options")
def test_a_refused_name_gets_a_sentence():
    body = answer("http", host="freenas.example.org")[1]["body"]
    assert body.decode() == (
        "This dashboard does not answer to the name 'freenas.example.org', but to localhost, 127.0.0.1, [::1]; "
        "its server is told of another by --server.allowedHosts.\n"
    )


@pytest.mark.parametrize("pattern", ["freenas.example.org", "*.example.org", "*", "FREENAS.example.org."])
def test_names_are_given_to_the_server(options: dict[str, object], pattern: str):
    options["server.allowedHosts"] = [pattern]
    assert passes("websocket", host="freenas.example.org", origin="https://freenas.example.org")
    assert passes("websocket", host="localhost:1", origin="http://localhost:1") == (pattern == "*")
    options["server.allowedHosts"] = []
    assert passes("http", host="whatever")


def test_trusted_pages_connect_from_elsewhere(options: dict[str, object]):
    assert not passes("websocket", host="localhost:8501", origin="https://freenas.example.org")
    options["browser.serverAddress"] = "freenas.example.org"
    assert passes("websocket", host="localhost:8501", origin="https://freenas.example.org")
    options["server.corsAllowedOrigins"] = ["https://lab.example.org:8443"]
    assert passes("websocket", host="localhost:8501", origin="https://lab.example.org:8443")
    assert not passes("websocket", host="localhost:8501", origin="https://example.org")
    options["server.enableCORS"] = False
    assert passes("websocket", host="localhost:8501", origin="https://example.org")


@pytest.mark.usefixtures("options")
def test_an_address_has_a_bounded_number_of_connections_open():
    release, sent = asyncio.Event(), []

    async def server(scope, receive, send):
        await release.wait()

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message["type"])

    gate = Gate(server)

    async def connect(client):
        scope = {"type": "websocket", "path": "/", "headers": [(b"host", b"localhost")], "client": (client, 1)}
        await gate(scope, receive, send)

    async def scenario():
        tasks = [asyncio.create_task(connect(f"2001:db8::{number:x}")) for number in range(260)]
        tasks.append(asyncio.create_task(connect("192.0.2.2")))
        await asyncio.sleep(0)
        assert sent == ["websocket.close"] * 4
        release.set()
        await asyncio.gather(*tasks)
        assert not gate._open
        await connect("2001:db8::1")

    asyncio.run(scenario())
    assert sent == ["websocket.close"] * 4


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_other_pages_do_not_frame_the_dashboard(options: dict[str, object], host: str):
    async def server(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    def policies():
        sent = []

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "path": "/", "headers": [(b"host", host.encode())], "method": "GET"}
        asyncio.run(Gate(server)(scope, None, send))
        return [value for name, value in sent[0]["headers"] if name == b"content-security-policy"]

    assert policies() == [b"frame-ancestors 'self'"]
    options["server.corsAllowedOrigins"] = ["https://lab.example.org"]
    assert policies() == [b"frame-ancestors 'self' https://lab.example.org"]


@pytest.mark.usefixtures("options")
def test_what_is_no_request_passes():
    assert answer("lifespan") == [{"type": "reached"}]
