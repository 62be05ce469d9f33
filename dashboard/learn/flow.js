// A flow graph: nodes as bars, and between them strands, one for every operation on an edge, each as wide as its flow
// share. What flows into an inner node flows out of it, so the strands of both sides fill its bar.
const SVG = "http://www.w3.org/2000/svg";
const MOVE = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250; // milliseconds
const PAD = 16, GAP = 1.5, APART = 5, HAIR = 1.2, BAR = 7; // pixels

function part(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function shape(name, parent, className) {
  const made = document.createElementNS(SVG, name);
  if (className) made.setAttribute("class", className);
  parent.append(made);
  return made;
}

function thickness(graph, strand) {
  return strand.live ? Math.max(graph.unit * strand.share, HAIR) : 0;
}

// The strands at one side of a node from top to bottom: their distances from the middle, and the height of all.
function stacked(graph, edges) {
  let height = 0;
  const places = new Map();
  edges.forEach((edge, order) => {
    if (order) height += APART;
    for (const strand of edge.strands) {
      const own = thickness(graph, strand);
      places.set(strand.id, height + own / 2);
      height += own + (own ? GAP : 0);
    }
  });
  for (const [id, place] of places) places.set(id, place - height / 2);
  return { places, height };
}

// Every number of the drawing, by the name of its part.
function geometry(graph, width) {
  const numbers = new Map();
  const x = (node) => PAD + graph.nodes[node].x * (width - 2 * PAD);
  const leaving = [], arriving = [];
  graph.nodes.forEach((node, index) => {
    leaving.push(stacked(graph, graph.edges.filter((edge) => edge.source === index)));
    arriving.push(stacked(graph, graph.edges.filter((edge) => edge.target === index)));
    numbers.set(`node ${index}`, [x(index), node.y, Math.max(leaving[index].height, arriving[index].height, 14)]);
  });
  for (const edge of graph.edges) {
    const middles = [];
    for (const strand of edge.strands) {
      const y0 = graph.nodes[edge.source].y + leaving[edge.source].places.get(strand.id);
      const y1 = graph.nodes[edge.target].y + arriving[edge.target].places.get(strand.id);
      numbers.set(strand.id, [x(edge.source), y0, x(edge.target), y1, edge.bend, thickness(graph, strand)]);
      middles.push((y0 + y1) / 2 + edge.bend);
    }
    const middle = (Math.min(...middles) + Math.max(...middles)) / 2;
    numbers.set(`edge ${edge.name}`, [(x(edge.source) + x(edge.target)) / 2, middle]);
  }
  return numbers;
}

// It leaves and arrives level, and is level where it hangs furthest.
function curve(x0, y0, x1, y1, bend) {
  const half = (x1 - x0) / 2, x = x0 + half, y = (y0 + y1) / 2 + bend, reach = 0.5 * half;
  if (!bend) return `M${x0} ${y0}C${x0 + half} ${y0} ${x1 - half} ${y1} ${x1} ${y1}`;
  return `M${x0} ${y0}C${x0 + reach} ${y0} ${x - reach} ${y} ${x} ${y}S${x1 - reach} ${y1} ${x1} ${y1}`;
}

function paint(root, numbers) {
  for (const [name, values] of numbers) {
    const drawn = root.parts.get(name);
    if (name.startsWith("node ")) {
      const [x, y, height] = values;
      drawn.bar.setAttribute("x", x - BAR / 2);
      drawn.bar.setAttribute("y", y - height / 2);
      drawn.bar.setAttribute("height", height);
      drawn.label.setAttribute("x", x + { start: -BAR / 2, end: BAR / 2, middle: 0 }[drawn.label.style.textAnchor]);
      drawn.label.setAttribute("y", y + height / 2 + 17);
    } else if (name.startsWith("edge ")) {
      drawn.setAttribute("x", values[0]);
      drawn.setAttribute("y", values[1] + 4);
    } else {
      const [x0, y0, x1, y1, bend, width] = values;
      drawn.setAttribute("d", curve(x0, y0, x1, y1, bend));
      drawn.style.strokeWidth = width;
    }
  }
  root.numbers = numbers;
}

function move(root, target) {
  cancelAnimationFrame(root.frame);
  const from = root.numbers, begun = performance.now();
  if (!from || !MOVE) return paint(root, target);
  const step = (now) => {
    const done = Math.min(1, Math.max(0, now - begun) / MOVE), eased = 1 - (1 - done) ** 3;
    const between = [...target].map(([name, values]) => [
      name,
      values.map((value, index) => from.get(name)[index] + eased * (value - from.get(name)[index])),
    ]);
    paint(root, new Map(between));
    if (done < 1) root.frame = requestAnimationFrame(step);
  };
  root.frame = requestAnimationFrame(step);
}

function build(root, graph) {
  const svg = shape("svg", root);
  root.parts = new Map();
  for (const edge of graph.edges) {
    for (const strand of edge.strands) {
      const line = shape("path", svg, "strand");
      line.dataset.id = strand.id;
      line.style.stroke = strand.colour;
      root.parts.set(strand.id, line);
    }
  }
  graph.nodes.forEach((node, index) => {
    root.parts.set(`node ${index}`, { bar: shape("rect", svg, "node"), label: shape("text", svg, "label") });
    root.parts.get(`node ${index}`).bar.setAttribute("width", BAR);
    root.parts.get(`node ${index}`).label.style.textAnchor = { 0: "start", 1: "end" }[node.x] ?? "middle";
  });
  for (const edge of graph.edges) root.parts.set(`edge ${edge.name}`, shape("text", svg, "label edge"));
  root.svg = svg;
}

// Draw or move the graph in `root`; `root.emphasise` stresses the strands with some ids, all alike where there are none.
function drawFlow(root, graph) {
  if (!root.svg) build(root, graph);
  root.setAttribute("role", "img");
  root.setAttribute("aria-label", graph.alt);
  root.svg.setAttribute("height", graph.height);
  graph.nodes.forEach((node, index) => (root.parts.get(`node ${index}`).label.textContent = node.label));
  for (const edge of graph.edges) {
    root.parts.get(`edge ${edge.name}`).textContent = edge.label;
    for (const strand of edge.strands) {
      const classes = root.parts.get(strand.id).classList;
      classes.toggle("gone", !strand.live);
      classes.toggle("empty", strand.live && !strand.share);
    }
  }
  root.emphasise = (ids) => {
    for (const line of root.querySelectorAll(".strand")) {
      line.classList.toggle("faint", ids.length > 0 && !ids.includes(line.dataset.id));
    }
  };
  const fit = () => root.clientWidth && geometry(graph, root.clientWidth);
  const numbers = fit();
  if (numbers) move(root, numbers);
  root.resized?.disconnect();
  let width = root.clientWidth;
  root.resized = new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    cancelAnimationFrame(root.frame);
    const resized = fit();
    if (resized) paint(root, resized);
  });
  root.resized.observe(root);
}
