"""The front before the strict notations: what stands around a genotype is taken off, and one of several is chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.common.errors import listed, unknown_name
from engine.genotypes.notations import FORMS
from engine.genotypes.notations.form import LONGEST_EXCERPT, Excerpt, Form, Translation

_NAME = r"[A-Za-z_]\w{0,80}"
_MODULES = r"(?:\w{1,80}\.){0,4}"
_BEFORE = rf"[\s'\"`(\[\\]{{0,20}}{_MODULES}(?:_?Structure\((?:[0-9]{{1,3}} nodes with[ ]?)?|OrderedDict\(|array\()?"
"""What may stand between a name and a genotype: quotes, brackets, modules, the calls that make one."""
_CHAIN = rf"(?:{_NAME}[ \t]*=[ \t]*){{0,4}}"
"""Further names, as in `PC_DARTS = genotype = Genotype(…)`."""
_ASSIGNED = re.compile(rf"(?:^|\n)[ \t]*({_NAME})[ \t]*(?::[^=\n]{{0,80}})?=[ \t]*{_CHAIN}{_BEFORE}\Z")
_KEYED = re.compile(rf"['\"]([^'\"\n]{{1,80}})['\"][ \t]*:[ \t]*{_BEFORE}\Z")
_ALIAS = re.compile(rf"(?m)^[ \t]*({_NAME})[ \t]*=[ \t]*({_NAME})[ \t]*(?:#.*)?$")
_COMMENTED = re.compile(r"(?:^|\n)[ \t]*#[^\n]*\Z")
_WINDOW = 300
"""The characters before a genotype among which its name is looked for."""
_COMMENTS_AND_FENCES = re.compile(r"(?m)^[ \t]*(?:#|```|~~~).*$")
_DRESSED = re.compile(rf"(?:{_NAME}[ \t]*(?::[^=\n]{{0,80}})?=)?[ \t]*{_CHAIN}{_BEFORE}")
_FENCE = re.compile(r"(?s)(```|~~~)[^\n]*\n(.*)\1")
_QUOTES = re.compile(r"(?s)(\"\"\"|'''|[`'\"])(.*)\1[,;]?")
_ASSIGNMENT = re.compile(rf"(?s){_NAME}[ \t]*(?:=|:)[ \t\r\n]*(.*)")
_LAYERS = 5
_TYPESET = str.maketrans("‘’“”\u00a0", "''\"\" ")
"""The quotes and blanks of word processors, and those of code."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""What colours a text on a terminal, and stays in its logs."""
_ESCAPED = re.compile(r"\\(?:([\"'])|[nrt])")
"""Quotes and line ends in a text within a text, as JSON has them."""
_BLANKS = re.compile(r"[ \t\r\n]*([|+])[ \t\r\n]*")


@dataclass(frozen=True)
class Part:
    """A part of a text in one of the forms."""

    form: Form
    start: int
    end: int


@dataclass(frozen=True)
class Chosen:
    """The one genotype of a text that counts, and sentences on how it was chosen."""

    form: Form
    excerpt: Excerpt
    notes: tuple[str, ...]

    def translate(self) -> Translation:
        """Return it in a strict notation, with all notes; `ValueError` in one sentence."""
        translation = self.form.translate(self.excerpt)
        return Translation(translation.notation, translation.text, (*self.notes, *translation.notes))


def undress(text: str) -> str:
    """Take the fence of Markdown, quotes and a name with `=` from around a text, and blanks from round bars."""
    for _ in range(_LAYERS):
        bare = text.strip()
        if match := _FENCE.fullmatch(bare) or _QUOTES.fullmatch(bare):
            bare = match[2]
        elif (match := _ASSIGNMENT.fullmatch(bare)) and match[1][:1] in ("'", '"', "`"):
            bare = match[1]
        if bare == text:
            break
        text = bare
    return _BLANKS.sub(r"\1", text) if "~" in text and len(text) <= LONGEST_EXCERPT else text


def _as_code(text: str) -> str:
    """Return a text with the quotes and blanks of code, and without colours."""
    return _ESCAPED.sub(lambda match: match[1] or " ", _COLOURS.sub("", text).translate(_TYPESET))


def holds_form(text: str) -> bool:
    """Return True for a text in which one of the forms stands."""
    text = _as_code(text)
    return any(True for form in FORMS.values() for _ in form.find(text))


def names_in(text: str) -> tuple[str, ...]:
    """Return the names that genotypes have in a text, such as those of a `genotypes.py`."""
    text = _as_code(text)
    return tuple(_names(text, _find(text, FORMS.values())))


def choose(text: str, notation: str | None, name: str | None = None) -> Chosen | None:
    """Return the genotype called `name`, without one the last; None where the text holds none in a form.

    `notation` is that of the space, where it is known; forms that are never of it are not looked for. `ValueError`
    where no genotype has the name, or several have names and none is given.
    """
    text = _as_code(text)
    parts = _find(text, (form for form in FORMS.values() if notation is None or notation in form.notations))
    names = _names(text, parts)
    if name is not None:
        if not names:
            raise ValueError("no genotype has a name in this text; leave the name out")
        if name not in names:
            raise unknown_name("genotype", name, names)
        return _chosen(text, names[name], ())
    if len(names) > 1:
        several = f"{len(names)} genotypes have names in this text: {listed([*names])}"
        raise ValueError(f"{several}; choose one by its name")
    if not parts:
        return None
    if len(parts) > 1:
        return _chosen(text, parts[-1], (f"read the last of {len(parts):,} genotypes",))
    return _chosen(text, parts[0], () if _is_dressing(text, parts[0]) else ("left out the text around the genotype",))


def _find(text: str, forms: Iterable[Form]) -> list[Part]:
    """Return what stands in a text in these forms, in order, none within another; the clearer if there are such."""
    everything = [Part(form, *span) for form in forms for span in form.find(text)]
    everything.sort(key=lambda part: (part.start, -part.end))
    apart: list[Part] = []
    for part in everything:
        if not apart or part.start >= apart[-1].end:
            apart.append(part)
    strong = [part for part in apart if not part.form.weak] or apart
    return [part for part in strong if not _before(_COMMENTED, text, part)] or strong


def _before(pattern: re.Pattern[str], text: str, part: Part) -> re.Match[str] | None:
    """Look for a pattern that ends where a genotype begins."""
    return pattern.search(text, max(0, part.start - _WINDOW), part.start)


def _names(text: str, parts: Sequence[Part]) -> dict[str, Part]:
    """Return what has a name, by it: assigned, a key of a dictionary, or another name for one of these."""
    names = {}
    for part in parts:
        match = _before(_ASSIGNED, text, part) or _before(_KEYED, text, part)
        if match and match[1].isprintable():
            names[match[1]] = part
    if names:
        for alias, name in _ALIAS.findall(text):
            if name in names:
                names[alias] = names[name]
    return names


def _chosen(text: str, part: Part, notes: tuple[str, ...]) -> Chosen:
    line = text.count("\n", 0, part.start) + 1
    column = part.start - (text.rfind("\n", 0, part.start) + 1) + 1
    return Chosen(part.form, Excerpt(text[part.start : part.end], line, column), notes)


def _is_dressing(text: str, part: Part) -> bool:
    """Return True where nothing but a name, quotes, fences and comments stands around a genotype."""
    before, after = (_COMMENTS_AND_FENCES.sub("", part) for part in (text[: part.start], text[part.end :]))
    return bool(_DRESSED.fullmatch(before.strip()) and re.fullmatch(r"[\s'\"`)\],;]*(?:#.*)?", after))
