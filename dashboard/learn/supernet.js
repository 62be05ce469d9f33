// The supernet: a flow graph, a legend, and, where it is pruned, a button for every operation on every edge. A click is
// answered by the server, which has the engine score what is left; clicks meanwhile wait for their turn.
function buildSupernet(root, data, click) {
  const flow = part("div", "flow"), reading = part("p", "reading"), legend = part("p", "legend");
  const drawing = part("div", "drawing");
  drawing.append(flow, legend, reading);
  root.append(drawing);
  Object.assign(root, { flow, reading, legend, fields: new Map() });
  for (const { title, colour } of data.operations) {
    const entry = part("span", "entry"), swatch = part("span", "swatch");
    swatch.style.background = colour;
    entry.append(swatch, title, part("b"));
    legend.append(entry);
  }
  if (data.pruning) root.append(buildTable(root, data, click));
}

function buildTable(root, data, click) {
  const table = part("table", "fields"), head = part("tr");
  table.append(part("caption", "", data.pruning.caption));
  head.append(part("td"));
  for (const { short, title, colour } of data.operations) {
    const cell = part("th"), swatch = part("span", "swatch");
    cell.scope = "col";
    cell.title = title;
    swatch.style.background = colour;
    cell.append(swatch, short);
    head.append(cell);
  }
  table.append(head);
  for (const edge of data.pruning.rows) {
    const row = part("tr"), name = part("th", "", edge.name);
    name.scope = "row";
    row.append(name);
    for (const id of edge.fields) {
      const cell = part("td"), button = part("button");
      button.type = "button";
      button.onclick = () => click(id);
      button.onpointerenter = () => root.read(id);
      button.onfocus = () => button.matches(":focus-visible") && root.read(id);
      button.onpointerleave = button.onblur = () => root.read(null);
      cell.append(button);
      row.append(cell);
      root.fields.set(id, button);
    }
    table.append(row);
  }
  return table;
}

function drawFields(root, data) {
  for (const [id, button] of root.fields) {
    const field = data.pruning.fields[id];
    button.className = field.state;
    if (field.state === "live") button.classList.add(data.pruning.verb);
    button.textContent = field.text;
    button.setAttribute("aria-label", field.label);
    button.setAttribute("aria-disabled", String(field.state !== "live"));
    button.classList.toggle("weakest", id === data.pruning.weakest);
    button.classList.toggle("chosen", data.pruning.chosen.includes(id));
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".supernet");
  const labels = new Map(data.graph.edges.flatMap((edge) => edge.strands.map((strand) => [strand.id, strand])));
  root.click = (id) => {
    if (!data.pruning || data.pruning.fields[id].state !== "live") return;
    if (root.asked) {
      if (root.asked.id !== id) root.next = id;
      return;
    }
    root.asked = { serial: data.serial, id };
    root.fields.get(id).classList.add("asked");
    setTriggerValue("clicked", id);
  };
  root.read = (id) => {
    root.pointed = id;
    root.flow.emphasise(id === null || !labels.get(id).live ? [] : [id]);
    root.reading.textContent = id === null ? data.prompt : labels.get(id).label;
  };
  if (!root.flow) buildSupernet(root, data, (id) => root.click(id));
  drawFlow(root.flow, data.graph);
  for (const line of root.flow.querySelectorAll(".strand")) {
    line.onpointerenter = () => root.read(line.dataset.id);
    line.onpointerleave = () => root.read(null);
    line.onclick = () => root.click(line.dataset.id);
    line.classList.toggle("pressable", Boolean(data.pruning));
  }
  data.operations.forEach(({ total }, index) => (root.legend.children[index].lastChild.textContent = total));
  root.classList.toggle("waiting", data.waiting);
  root.read(root.pointed ?? null);
  if (data.pruning) drawFields(root, data);
  if (root.asked && root.asked.serial !== data.serial) {
    root.asked = null;
    const next = root.next;
    root.next = null;
    if (next) root.click(next);
  }
}
