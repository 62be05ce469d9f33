"""Small pictures of cells for a table: arrows in the colours of their operations, without words."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache

from engine.exports.svg import thumbnail_svg
from engine.genotypes.genotype import Genotype

_WIDTH, _HEIGHT = 88, 54
"""The size in pixels that a picture of any shape is fitted into."""
_STYLE = "<style>.tray { fill: #80868B; fill-opacity: 0.25; }</style>"
"""A ground behind nodes that does on a light page and on a dark one, since a picture in a table does not know which."""


@lru_cache(maxsize=2048)
def thumbnail(genotype: str) -> str:
    """Draw the first cell type of a genotype, given as JSON; return the data URI of an SVG picture."""
    svg = thumbnail_svg(Genotype.from_json(genotype))
    svg = re.sub(r'width="[^"]*" height="[^"]*"', f'width="{_WIDTH}" height="{_HEIGHT}"', svg, count=1)
    svg = svg.replace(">", f">{_STYLE}", 1)
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
