"""The corpus through the command line: one line on standard error, status 2, and nothing on standard output."""

import json
import subprocess
import sys

import pytest

from engine.__main__ import main
from tests.hostile.corpus import LONGEST, ROOT, bytes_of, cases, filled, made, plain, text_of, trouble
from tests.hostile.test_python import table_file


def _answers(capsys, arguments, says="", status=2, longest=LONGEST):
    """Run a command in this process, and look at what it says."""
    assert main(arguments) == status
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("error: ")
    assert err.endswith("\n")
    assert not trouble(err.removesuffix("\n"), says, longest)


def _every(door):
    return pytest.mark.parametrize("case", cases(door), ids=lambda case: case["name"])


@pytest.mark.usefixtures("folder")
@_every("arguments")
def test_arguments(capsys, case):
    _answers(capsys, [plain(each) for each in case["arguments"]], case["says"], case["status"], LONGEST + 200)


@_every("genotype")
def test_a_genotype_in_a_file(folder, capsys, case):
    path = folder / "genotype.txt"
    path.write_bytes(bytes_of(case["send"]))
    _answers(capsys, ["show", str(path)], longest=LONGEST + len(str(path)))


def _argument(case):
    """A genotype that a shell could give as an argument."""
    found = made(case["send"])
    return isinstance(found, str) and "\0" not in found and len(found) < 100_000


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("case", list(filter(_argument, cases("genotype"))), ids=lambda case: case["name"])
def test_a_genotype_as_an_argument(capsys, case):
    _answers(capsys, ["export", "--to", "svg", "--", text_of(case["send"])])


@_every("space")
def test_a_space(folder, capsys, case):
    path = folder / "space.json"
    path.write_bytes(bytes_of(case["send"]))
    _answers(capsys, ["search", "--space", str(path)], longest=LONGEST + len(str(path)))


@pytest.mark.usefixtures("folder")
@_every("place")
def test_a_constraint(capsys, case):
    text = text_of(case["send"])
    if text.strip() and "," not in text:
        _answers(capsys, ["search", f"--pinned={text}", "--cells", "0"])


@_every("table")
def test_a_table(folder, capsys, case):
    path = table_file(folder, case)
    _answers(capsys, ["evidence", "--table", str(path)], longest=LONGEST + len(str(path)))


@_every("images")
def test_images(folder, capsys, case):
    path = folder / "images.npz"
    path.write_bytes(bytes_of(case["send"]))
    _answers(capsys, ["search", "--proxy", "snip", "--images", str(path)], case["says"])


@_every("folder")
def test_a_folder_of_images(folder, capsys, case):
    filled(folder / "images", case["files"])
    command = ["search", "--proxy", "zero-cost-pt-naswot", "--images", str(folder / case.get("at", "images"))]
    if "says" in case:
        _answers(capsys, command, case["says"], longest=LONGEST + len(str(folder)))
    else:
        assert main([*command, "--no-store", "--quiet", "--cells", "1", "--channels", "4"]) == 0
        out, err = capsys.readouterr()
        assert json.loads(out)["schema"] == "freenas/search-result@1"
        assert all(line.startswith("warning: ") for line in err.splitlines())


def _run(*arguments, **more):
    command = [sys.executable, "-W", "error", "-m", "engine", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, **more)


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (["show", "-"], b"\x80\x04\x95pickle"),
        (["show", "-"], b"\xed\xa0\x80"),
        (["show", b"\xff\xfe|none~0|"], b""),
        (["export", "-", "--to", "json"], b'{"a":' * 100_000),
        (["search", "--space", b"\xe2\x80\xaedarts"], b""),
    ],
    ids=["pickle", "surrogate", "no text", "nested", "override"],
)
def test_a_process_of_its_own(arguments, given):
    found = _run(*arguments, input=given)
    assert found.returncode == 2
    assert not found.stdout
    sentence = found.stderr.decode()
    assert sentence.startswith("error: ")
    assert not trouble(sentence.removesuffix("\n"))
