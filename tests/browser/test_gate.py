"""The gate of a running server, met by programs that speak the protocol of websockets."""

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.waiting import PATIENCE

PATH = "/_stcore/stream"


def test_pages_of_other_origins_do_not_connect(server):
    address = server.replace("http://", "ws://") + PATH
    with connect(address, origin=server, open_timeout=PATIENCE):
        pass
    for origin in ("http://evil.example", "http://localhost:1", "null"):
        with pytest.raises(InvalidStatus) as refused:
            connect(address, origin=origin, open_timeout=PATIENCE)
        assert refused.value.response.status_code == 403
