from dashboard.parts import cell
from engine.exports.drawing import gene_arrows


def test_a_cell_is_drawn_once_however_often_it_is_shown(nas_bench_201, monkeypatch):
    drawn = []
    monkeypatch.setattr(cell, "cell_svg", lambda *parts: drawn.append(parts) or "<svg/>")
    monkeypatch.setattr(cell, "_COMPONENT", lambda **_: None)
    cell._drawing.cache_clear()
    for place in ("one", "another"):
        arrows = gene_arrows(nas_bench_201.genotype.cells["cell"])
        cell.still_picture(nas_bench_201.space, "cell", arrows, place)
    cell._drawing.cache_clear()
    assert len(drawn) == 1
