import pytest

from dashboard.learn.flow import FlowEdge, FlowNode, Strand, flow_component, flow_graph


def test_a_graph_is_plain_data_with_its_strands_in_their_order():
    strands = [Strand("a", "#123456", 0.25, "a quarter"), Strand("b", "#654321", 0.75, "the rest", live=False)]
    graph = flow_graph(
        [FlowNode(0, 10, "in"), FlowNode(1, 10, "out")], [FlowEdge("0→1", 0, 1, 5, "all", strands)], 20, 8, "Two nodes."
    )
    assert graph["nodes"] == [{"x": 0, "y": 10, "label": "in"}, {"x": 1, "y": 10, "label": "out"}]
    (edge,) = graph["edges"]
    assert [(strand["id"], strand["share"], strand["live"]) for strand in edge["strands"]] == [
        ("a", 0.25, True),
        ("b", 0.75, False),
    ]
    assert (graph["height"], graph["unit"], graph["alt"]) == (20, 8, "Two nodes.")


@pytest.mark.parametrize("name", ["toy", "supernet"])
def test_the_script_of_a_figure_has_that_of_the_graph(name, monkeypatch):
    made = {}
    monkeypatch.setattr("streamlit.components.v2.component", lambda name, **parts: made.update(parts))
    flow_component(name)
    assert "function drawFlow(" in made["js"]
    assert made["js"].count("export default") == 1
    assert f'class="{name}"' in made["html"]
