"""What is sent to the project to break it, kept as data: `tests/hostile/*.json`, one list of cases a door.

A case is `{"name": …, "says": …}` and what is sent: `"send"`, a text, or a recipe that makes one (see `made`), or for
the doors `link`, `arguments`, `config` and `folder` their own field. `says` is a part of the sentence that must come
back; `takes` stands in its place where an odd input is a good one, and is how much of it is taken.
"""

from __future__ import annotations

import base64
import bz2
import io
import json
import os
import pickle
import re
import struct
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from PIL import Image

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MARKER = "FREENAS_TEST_MARKER"
"""The variable that names the file which a pickle of the corpus would write."""

_FORBIDDEN = re.compile(
    r"Traceback|pydantic|https?://|<class|\bobject at 0x|\b\w+(?:Error|Exception|Document|Data)\b|\.py\b"
)
LONGEST = 360
"""Characters of a sentence, but for the path of a file in it."""


def cases(door: str) -> list[dict[str, Any]]:
    """The cases of one door, each with a name of its own."""
    found: list[dict[str, Any]] = json.loads((HERE / f"{door}.json").read_text("utf-8"))
    assert len({case["name"] for case in found}) == len(found)
    return found


def trouble(sentence: str, says: str = "", longest: int = LONGEST) -> str:
    """What is wrong with a sentence that answers a bad input; nothing where it is a good one."""
    if not sentence.strip() or says not in sentence:
        return f"{says!r} is not said in {sentence!r}"
    if len(sentence) > longest:
        return f"{len(sentence)} characters: {sentence!r}"
    if not sentence.isprintable():
        return f"not printable: {sentence!r}"
    if found := _FORBIDDEN.search(sentence):
        return f"{found[0]!r} stands in {sentence!r}"
    return ""


def text_of(send: Any) -> str:
    """What is sent, as a text; bytes that are no UTF-8 are no text."""
    found = made(send)
    return found if isinstance(found, str) else found.decode("utf-8")


def bytes_of(send: Any) -> bytes:
    """What is sent, as the bytes of a file."""
    found = made(send)
    return found.encode("utf-8", "surrogatepass") if isinstance(found, str) else found


def made(recipe: Any) -> str | bytes:
    """A text as it is, or what a recipe says.

    `{"repeat": [part, times]}`, `{"join": [part, …]}`, `{"base64": …}`, `{"bytes": part}` (a text as bytes),
    `{"valid": name, "set": {"a/0/b": value}, "drop": ["a/0"]}` (a good document, changed), `{"zip": {name: part}}`,
    `{"npy": {"shape": …, "dtype": …, "cut": bytes}}`, `{"pickle": kind}` (one that would write a file when it is read),
    `{"bz2": part}`, `{"zlib": part}`, `{"cut": [part, bytes]}` (its beginning), `{"image": {…}}` (a good one, see
    `_image`), `{"png": {…}}` (one whose header says what it likes, see `_png`).
    """
    if isinstance(recipe, str):
        return recipe
    match recipe:
        case {"repeat": [part, int(times)]}:
            return made(part) * times
        case {"join": [*parts]}:
            found = [made(part) for part in parts]
            if all(isinstance(each, str) for each in found):
                return "".join(str(each) for each in found)
            return b"".join(each.encode() if isinstance(each, str) else each for each in found)
        case {"base64": str(text)}:
            return base64.b64decode(text)
        case {"bytes": part}:
            return bytes_of(part)
        case {"valid": str(name)}:
            return _changed(name, recipe.get("set", {}), recipe.get("drop", []))
        case {"zip": dict(members)}:
            return _zipped(members)
        case {"npy": dict(array)}:
            return _array(**array)
        case {"pickle": str(kind)}:
            return _pickled(kind)
        case {"bz2": part}:
            return bz2.compress(bytes_of(part))
        case {"cut": [part, int(count)]}:
            return bytes_of(part)[:count]
        case {"image": dict(image)}:
            return _image(**image)
        case {"png": dict(image)}:
            return _png(**image)
        case {"zlib": part}:
            return zlib.compress(bytes_of(part))
    raise AssertionError(f"no recipe: {recipe}")


def filled(folder: Path, files: dict[str, Any]) -> None:
    """Put files into a folder: what is sent, by path; a path that ends in / is a folder, `{"link": path}` a link."""
    folder.mkdir()
    for name, send in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir()
        elif isinstance(send, dict) and "link" in send:
            path.symlink_to(send["link"])
        else:
            path.write_bytes(bytes_of(send))


@cache
def valid(name: str) -> str:
    """A good document."""
    if name == "runs":
        run = {"id": "0123456789abcdef", "created": "2026-11-24T12:00:00+00:00", "result": json.loads(valid("result"))}
        return json.dumps({"schema": "freenas/runs@1", "runs": [run]})
    if name == "result":
        return (ROOT / "assets" / "examples" / "nas-bench-201-synaptic.json").read_text("utf-8")
    return (HERE / "valid" / f"{name}.json").read_text("utf-8")


def _changed(name: str, changes: dict[str, Any], dropped: list[str]) -> str:
    document = json.loads(valid(name))
    for path, value in changes.items():
        place, last = _place(document, path)
        place[last] = plain(value)
    for path in dropped:
        place, last = _place(document, path)
        del place[last]
    return json.dumps(document)


def plain(value: Any) -> Any:
    """A value of a document or an argument: as it is, or a text, or a list `{"list": [value, times]}`."""
    match value:
        case {"list": [each, int(times)]}:
            return [each] * times
        case {"repeat": _} | {"join": _}:
            return text_of(value)
    return value


def _place(document: Any, path: str) -> tuple[Any, Any]:
    *outer, last = (int(part) if part.isdigit() else part for part in path.split("/"))
    for part in outer:
        document = document[part]
    return document, last


def _zipped(members: dict[str, Any]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in members.items():
            archive.writestr(name, bytes_of(part))
    return packed.getvalue()


def _array(shape: list[int], dtype: str = "<f4", zeros: int = 0, values: list[float] | None = None) -> bytes:
    """An array of NumPy whose header says `shape` and `dtype`, with `zeros` bytes or with `values` behind it."""
    file = io.BytesIO()
    npy.write_array_header_1_0(file, {"shape": tuple(shape), "fortran_order": False, "descr": dtype})
    file.write(bytes(zeros) if values is None else np.array(values, dtype).tobytes())
    return file.getvalue()


def _image(size: list[int], colour: Any, mode: str = "RGB", frames: int = 1, **options: Any) -> bytes:
    """An image of one colour; those of an animation that follow are black."""
    width, height = size
    if mode == "I;16":
        image = Image.fromarray(np.full((height, width), colour, np.uint16))
    else:
        image = Image.new(mode, (width, height), tuple(colour) if isinstance(colour, list) else colour)
    if frames > 1:
        options |= {"save_all": True, "append_images": [Image.new(mode, image.size)] * (frames - 1)}
    if "transparency" in options:
        options["transparency"] = bytes(options["transparency"])
    file = io.BytesIO()
    image.save(file, **{"format": "PNG"} | options)
    return file.getvalue()


def _png(
    size: list[int], depth: int = 8, colours: int = 2, chunks: dict[str, Any] | None = None, pixels: Any = ""
) -> bytes:
    """The chunks of a PNG, each with its right check sum."""
    header = struct.pack(">IIBBBBB", *size, depth, colours, 0, 0, 0)
    parts = {"IHDR": header, **{name: bytes_of(part) for name, part in (chunks or {}).items()}}
    parts |= {"IDAT": zlib.compress(bytes_of(pixels)), "IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name.encode() + part) for name, part in parts.items())


def _chunk(part: bytes) -> bytes:
    return struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))


class _Writes:
    """Writes the file that `MARKER` names when it is read as a pickle."""

    def __reduce__(self) -> Any:
        return os.system, (f'touch "${MARKER}"',)


def _pickled(kind: str) -> bytes:
    if kind == "array":
        file = io.BytesIO()
        npy.write_array(file, np.array([_Writes()], dtype=object), allow_pickle=True)
        return file.getvalue()
    return pickle.dumps({"meta_archs": _Writes(), "arch2infos": {}}, protocol=int(kind))
