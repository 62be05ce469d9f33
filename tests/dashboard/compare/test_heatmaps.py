"""Small still heatmaps: every field, escaped, in colours that are read."""

import re

from dashboard.compare.heatmaps import STYLE, colour_bar, heatmap_table
from engine.exports.colours import contrast
from engine.exports.heatmap import Heatmap, HeatmapField

FIELDS = ((HeatmapField("62", 62.0, "pinned", "solid"), HeatmapField("×")), (HeatmapField("3", 3.0, "", "dashed"),) * 2)
DRAWN = Heatmap("<b>", ("% & more",), ("0→1", "<i>"), ("none", "skip_connect"), FIELDS, (3.0, 62.0))


def test_fields_have_their_numbers_frames_and_colours():
    text = heatmap_table(DRAWN)
    assert "<b>" not in text
    assert "&lt;i&gt;" in text
    assert text.count("<td class=") == 4
    assert 'class="chosen" aria-label="62, chosen"' in text
    assert text.count('class="dropped"') == 2
    assert "<small>pinned</small>" in text
    pairs = re.findall(r"background:light-dark\((.{7}),(.{7})\);color:light-dark\((.{7}),(.{7})\)", text)
    assert len(pairs) == 3
    assert all(contrast(pair[0], pair[2]) >= 4.5 and contrast(pair[1], pair[3]) >= 4.5 for pair in pairs)
    assert pairs[0][0] == "#FDE725"


def test_one_bar_names_the_ends_of_the_scale_and_the_unit():
    text = colour_bar(DRAWN, "% & more")
    assert re.findall("<span>(.*?)</span>", text) == [*DRAWN.scale_labels]
    assert "% &amp; more" in text
    assert STYLE.is_file()
