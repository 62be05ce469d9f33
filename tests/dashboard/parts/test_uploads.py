import re

import pytest

from dashboard.parts.uploads import MAX_UPLOAD_BYTES, read_upload


class Upload:
    def __init__(self, data: bytes, size: int | None = None):
        self.data, self.size = data, len(data) if size is None else size

    def getvalue(self) -> bytes:
        return self.data


def test_text_is_read_with_or_without_a_byte_order_mark():
    assert read_upload(Upload("α|β".encode())) == "α|β"
    assert read_upload(Upload(b"\xef\xbb\xbfabc")) == "abc"
    assert read_upload(Upload("α|β".encode("utf-16"))) == "α|β"


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (Upload(b"", MAX_UPLOAD_BYTES + 1), "4.0 MB; at most 4 MB"),
        (Upload(b"ab\xff\xfe"), "not UTF-8 text: byte 3"),
        (Upload(b"\x80\x04\x95pickle"), "not UTF-8 text: byte 1"),
    ],
)
def test_what_is_too_large_or_no_text_gets_a_sentence(upload, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        read_upload(upload)
