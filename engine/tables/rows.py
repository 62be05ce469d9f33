"""Tables of rows: a column of genotypes in any notation among columns of numbers, whatever the format of the file."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from engine.common.errors import quoted
from engine.genotypes.genotype import begins_as_genotype, notations
from engine.spaces import OwnSpace, SearchSpace
from engine.tables.assembly import LONGEST_ARCHITECTURE, MAX_COLUMNS, RawTable, RowReader, read_genotype
from engine.tables.indices import check_indices, index_column, index_notation, names_index
from engine.tables.metadata import guess_column, is_accuracy_name, name_words

SAMPLE = 200
"""The number of the first rows that settle what the columns hold."""
MISSING = frozenset(
    (
        *("", "nan", "na", "n/a", "n.a.", "<na>", "none", "null", "nil", "missing", "-", "--", "–", "—", "?", "."),
        *("#n/a", "#nv", "#n/d", "#div/0!", "#value!", "#wert!", "#valeur!", "#num!", "#zahl!", "#ref!", "#name?"),
    )
)
"""The words, in lower case, that say that there is no number, those of spreadsheets in other languages among them."""
_MAX_NAME, _MOST_NAMED = 200, 5
_DIGITS = re.compile(r"[012]{1,8}(?:\.0)?")
"""A network of NAS-Bench-Macro, its leading zeros perhaps lost in a spreadsheet."""
_MACRO = 8
_INDEX = re.compile("[0-9]{1,5}")
"""A number that may be the index of an architecture."""
_ARCHITECTURE = re.compile(r"\b(?:arch|archs|architecture|architectures|genotype|cell|net|network|model|config|code)\b")
_THOUSANDS = {
    ",": re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?"),
    ".": re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?"),
}
_COMMA = re.compile(
    r"[+-]?(?:\d*,\d{1,2}|\d+,\d{4,}|0+,\d+|\d{4,},\d+)(?:[eE][+-]?\d+)?\s?%?|"
    r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d{1,3}(?:\.\d{3}){2,}"
)
"""A number that cannot be read but with a decimal comma."""
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u2009\u202f'\u2019]\d{3})+(?:[.,]\d+)?")
"""A number with blanks or apostrophes between thousands, as in French and Swiss spreadsheets."""
_OPEN = re.compile(r"[+-]?\d{1,3},\d{3}\s?%?")
"""A number whose comma may stand before decimals or between thousands."""
_POINT = re.compile(r"[+-]?(?:\d*\.\d{1,2}|\d*\.\d{4,}|0+\.\d+|\d{4,}\.\d+)(?:[eE][+-]?\d+)?\s?%?")


@dataclass(frozen=True)
class Sheet:
    """The rows of a file: the names of the columns, and a way to go through the rows again and again.

    A row is its place, in words, and its fields, as many as the header has; that at `genotypes` is the architecture.
    `comma` is True where commas in numbers are more likely decimal than between thousands.
    """

    header: Sequence[str]
    rows: Callable[[], Iterable[tuple[str, Sequence[str]]]]
    genotypes: int
    comma: bool = False


def read_sheet(sheet: Sheet, file_name: str, space: SearchSpace | None) -> RawTable:
    """Read the architectures and the numbers of a sheet; a column with a field that is no number is left out."""
    sample = [fields for _, fields in islice(sheet.rows(), SAMPLE)]
    header = [" ".join(name.split()) for name in sheet.header]
    genotypes = sheet.genotypes
    indexed = _index_notes(sheet, sample, header[genotypes], space)
    numbers = _Numbers(header, genotypes, sample, comma=sheet.comma)
    architectures, rows, restored = RowReader(space), 0, 0
    shortened = not indexed and _lost_zeros([fields[genotypes] for fields in sample], space)
    for place, fields in sheet.rows():
        rows += 1
        text = fields[genotypes]
        if shortened and (whole := _restored(text)) != text:
            text, restored = whole, restored + 1
        if architectures.add(place, index_notation(text) if indexed else text):
            numbers.add(place, fields)
    notes = [*indexed, *architectures.notes, *numbers.notes]
    if restored:
        notes.append(f"Leading zeros, as spreadsheets lose them, restored in {restored:,} architectures.")
    columns = tuple(guess_column(header[place], file_name, architectures.space) for place in numbers.columns)
    values = np.array([np.asarray(column) for column in numbers.columns.values()])
    table = values.reshape(len(columns), len(architectures.places))
    return RawTable(architectures, columns, table, rows, tuple(numbers.ignored), tuple(notes))


def field_text(value: object) -> str:
    """Return a value of a file that has types as the text that a spreadsheet would hold, nothing for none."""
    if value is None or isinstance(value, str):
        return value or ""
    try:
        return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    except (RecursionError, TypeError, ValueError):
        return "a value that is nested too deeply"


def no_genotypes(sample: Sequence[Sequence[str]]) -> ValueError:
    """Return the error for a table whose first rows, `sample`, hold no genotype."""
    if not sample:
        return ValueError("no rows; a header and a row for each architecture are expected")
    first = next((text.strip() for text in sample[0] if text.strip()), "")
    hint = f"; an index of NAS-Bench-201 is written nas-bench-201#{first}" if _INDEX.fullmatch(first) else ""
    return ValueError(
        f"no column holds genotypes in the first {SAMPLE} rows, "
        f"the first of which begins with {quoted(first, 30)}; a genotype begins with {notations()}{hint}"
    )


def genotype_column(header: Sequence[str], sample: Sequence[Sequence[str]], space: SearchSpace | None) -> int | None:
    """Return the place of the column with most genotypes in the first rows; None where there is none.

    Bare digits may be dates, numbers or flags: they are architectures only where no column holds clearer ones, and all
    of the column are; of several such columns the one that is called so counts, then the one with most whole networks,
    then the one with most different ones. Where there are none, they may be indices (`engine.tables.indices`).
    """
    columns = [[fields[place] for fields in sample] for place in range(min(len(header), MAX_COLUMNS))]
    counts = [sum(is_genotype(text, space) for text in column if not is_digits(text)) for column in columns]
    if any(counts):
        return counts.index(max(counts))
    bare = [place for place, column in enumerate(columns) if _are_networks(header[place], column, space)]
    if not bare:
        return index_column(header, columns, space)
    return max(bare, key=lambda place: _rank_of_digits(header[place], columns[place]))


def _index_notes(
    sheet: Sheet, sample: Sequence[Sequence[str]], name: str, space: SearchSpace | None
) -> tuple[str, ...]:
    """Return the sentence on a sheet whose architectures are bare indices, none for any other."""
    if not holds_indices(name, [fields[sheet.genotypes] for fields in sample], space):
        return ()
    whole = (fields[sheet.genotypes] for _, fields in sheet.rows())
    return (check_indices(name, whole, lambda: no_genotypes(sample)),)


def holds_indices(name: str, column: Sequence[str], space: SearchSpace | None) -> bool:
    """Return True for a column that may hold bare indices, and no networks."""
    return index_column([name], [column], space) is not None and not _are_networks(name, column, space)


def _rank_of_digits(name: str, column: Sequence[str]) -> tuple[bool, int, int]:
    """Return the rank of a column of bare digits: by its name, its whole networks, its different ones."""
    return names_networks(name), sum(len(text.strip()) == _MACRO for text in column), len(set(column))


def is_genotype(text: str, space: SearchSpace | None) -> bool:
    """Return True for the text of an architecture, one of `space` where it is an own one."""
    text = text.strip("\ufeff \t\r\n")
    short = 0 < len(text) <= LONGEST_ARCHITECTURE or text.startswith("{")
    if not short or (not isinstance(space, OwnSpace) and not begins_as_genotype(text)):
        return False
    try:
        return bool(read_genotype(text, space))
    except ValueError:
        return False


def is_digits(text: str) -> bool:
    """Return True for digits alone, as a spreadsheet may write a network of NAS-Bench-Macro."""
    return text.strip().removesuffix(".0").isdecimal()


def _are_networks(name: str, column: Sequence[str], space: SearchSpace | None) -> bool:
    """Return True for a column of networks of NAS-Bench-Macro, or of a space that is read in digits as well."""
    texts = [text.strip() for text in column if text.strip()]
    if not texts or not all(map(is_digits, texts)):
        return False
    if all(is_genotype(text, space) for text in texts):
        return True
    whole = any(len(text.removesuffix(".0")) == _MACRO for text in texts)
    return (whole or (names_networks(name) and not names_index(name))) and all(
        _DIGITS.fullmatch(text) and is_genotype(_restored(text), space) for text in texts
    )


def names_networks(name: str) -> bool:
    """Return True for the name of a column that is called one of architectures."""
    return bool(_ARCHITECTURE.search(name_words(name)))


def _lost_zeros(column: Sequence[str], space: SearchSpace | None) -> bool:
    """Return True where the networks of a column are digits, some of which are architectures only with more zeros."""
    texts = [text for text in column if text.strip()]
    return all(_DIGITS.fullmatch(text.strip()) for text in texts) and not all(
        is_genotype(text, space) for text in texts
    )


def _restored(text: str) -> str:
    """Return a network of NAS-Bench-Macro with all of its eight digits; any other text as it is."""
    stripped = text.strip()
    return stripped.removesuffix(".0").zfill(_MACRO) if _DIGITS.fullmatch(stripped) else text


class _Numbers:
    """The columns of numbers beside that of the genotypes, filled row by row.

    `columns` holds their numbers by their place, nan for a missing one; `ignored` the names of the others with the
    reasons.
    """

    def __init__(self, header: Sequence[str], genotypes: int, sample: Sequence[Sequence[str]], *, comma: bool) -> None:
        self.columns: dict[int, array[float]] = {}
        self.ignored: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self._header = header
        self._commas: dict[int, bool] = {}
        for place, name in enumerate(header):
            entries = [text for row in sample if (text := row[place].strip()).lower() not in MISSING]
            self._commas[place] = _has_decimal_comma(entries, likely=comma or is_accuracy_name(name))
            if place == genotypes:
                continue
            if reason := self._reason(place, entries, len(sample)):
                self.ignored.append((name[:_MAX_NAME] or f"column {place + 1}", reason))
            elif name:
                self.columns[place] = array("d")
        if names := [quoted(header[place]) for place in self.columns if self._commas[place]]:
            self.notes.append(f"Decimal commas in column{'s' * (len(names) > 1)} {', '.join(names[:_MOST_NAMED])}.")

    def add(self, place: str, fields: Sequence[str]) -> None:
        """Take the numbers of one row; a column whose field is none is left out from here on."""
        for index, column in list(self.columns.items()):
            try:
                column.append(parse_number(fields[index], comma=self._commas[index]))
            except ValueError:
                expected = "a finite number, or nothing, is expected"
                self.ignored.append((self._header[index], f"{place}: {quoted(fields[index])} found; {expected}"))
                del self.columns[index]

    def _reason(self, place: int, entries: Sequence[str], rows: int) -> str:
        """Return the reason to ignore a column by its name and its first fields, nothing where there is none."""
        name = self._header[place]
        texts = [text for text in entries if not _is_number(text, comma=self._commas[place])]
        if not name:
            return "it has no name" if entries else ""
        if self._header.count(name) > 1:
            return "several columns have this name"
        if len(name) > _MAX_NAME or not name.isprintable():
            return f"it cannot name a column; a text of at most {_MAX_NAME} printable letters can"
        if not entries:
            return f"it is empty in the first {rows} rows"
        return f"it holds text such as {quoted(texts[0])}" if 2 * len(texts) >= len(entries) else ""


def parse_number(text: str, *, comma: bool = False) -> float:
    """Return the number in a field, nan for a missing one; `ValueError` for any other text, and an infinite one.

    Decimals follow a point, or a `comma`; the other of the two, blanks or apostrophes may stand between thousands.
    """
    try:
        value = float(text)
        if value - value == 0 and not comma and "_" not in text and text.isascii():
            return value
    except ValueError:
        pass
    text = text.strip()
    if text.lower() in MISSING:
        return np.nan
    text = _ungrouped(text.removesuffix("%").rstrip().replace("\u2212", "-"))
    between, decimal = (".", ",") if comma else (",", ".")
    if _THOUSANDS[between].fullmatch(text):
        text = text.replace(between, "")
    value = float(text.replace(decimal, ".")) if between not in text else np.nan
    if not np.isfinite(value) or "_" in text or not text.isascii():
        raise ValueError(f"{quoted(text)} is no number")
    return value


def _ungrouped(text: str) -> str:
    """Return a number without what stands between its thousands, any other text as it is."""
    return re.sub(r"[^\d.,+-]", "", text) if _GROUPED.fullmatch(text) else text


def _is_number(text: str, *, comma: bool) -> bool:
    try:
        parse_number(text, comma=comma)
    except ValueError:
        return False
    return True


def _has_decimal_comma(texts: Sequence[str], *, likely: bool) -> bool:
    """Return True where the decimals of numbers follow a comma, also if that is no more than `likely`."""
    texts = [*map(_ungrouped, texts)]
    if any(_POINT.fullmatch(text) for text in texts):
        return False
    return any(_COMMA.fullmatch(text) or (likely and _OPEN.fullmatch(text)) for text in texts)
