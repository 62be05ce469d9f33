"""The pictures of several answers: one scale, and one file."""

from dashboard.compare.answers import ComparedAnswer
from dashboard.compare.figures import HeatmapLook, cell_arrows, heatmaps, sheet_file
from engine import parse_genotype
from tests.dashboard.atlas.conftest import CONVOLUTIONS
from tests.dashboard.conftest import small

LOOK = HeatmapLook("cell", "share")


def test_heatmaps_share_their_scale_and_what_was_not_searched_has_none():
    results = [small(71), small(72, banned=["0-1:nor_conv_3x3"])]
    answers = {str(place): ComparedAnswer(result.genotype, result) for place, result in enumerate(results)}
    answers["alone"] = ComparedAnswer(parse_genotype(CONVOLUTIONS))
    maps = heatmaps(answers, LOOK)
    assert list(maps) == ["0", "1"]
    assert maps["0"].limits == maps["1"].limits
    values = [field.value for each in maps.values() for row in each.fields for field in row if field.value]
    assert maps["0"].limits == (min(values), max(values))
    assert len(cell_arrows(answers["alone"], "cell")) == 6
    assert max(arrow.width for arrow in cell_arrows(answers["0"], "cell")) == 1
    assert heatmaps({"alone": answers["alone"]}, LOOK) == {}
    svg = sheet_file(answers, LOOK, "svg").decode()
    assert svg.count("<svg") == 1
