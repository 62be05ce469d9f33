// The toy: a flow graph over sliders of its weights and α. The server computes every number; a slider that moves asks
// for them at once, one question at a time, the last position last.
function slider(name, title, place, [low, high], send) {
  const label = part("label", "slider"), input = part("input"), value = part("output");
  Object.assign(input, { type: "range", min: low, max: high, step: 0.1 });
  input.setAttribute("aria-label", name);
  input.dataset.place = place;
  input.oninput = send;
  label.append(part("span", "", title), input, value);
  return label;
}

function buildToy(root, data) {
  const send = () => root.ask();
  const flow = part("div", "flow"), sum = part("p", "sum"), reading = part("p", "reading"), rows = part("div", "rows");
  for (const row of data.rows) {
    const line = part("div", "row"), name = part("div", "name"), swatch = part("span", "swatch");
    swatch.style.background = row.colour;
    name.append(swatch, row.name);
    const weight = row.weight === null
      ? part("span", "slider", "weight 1")
      : slider(`weight of ${row.name}`, `weight ${row.letter}`, row.weight, data.weights, send);
    line.append(name, weight, slider(`α of ${row.name}`, "α", row.alpha, data.alphas, send), part("div", "result"));
    line.onpointerenter = () => flow.emphasise([row.id]);
    line.onpointerleave = () => flow.emphasise([]);
    rows.append(line);
  }
  root.append(flow, sum, reading, rows);
  Object.assign(root, { flow, sum, reading, rows });
}

function drawSum(root, data) {
  if (!root.sum.childElementCount) {
    root.sum.append("R = ");
    data.paths.forEach((path, index) => {
      if (index) root.sum.append(" + ");
      const button = part("button");
      button.type = "button";
      button.onpointerenter = button.onfocus = () => root.read(index);
      button.onpointerleave = button.onblur = () => root.read(null);
      root.sum.append(button);
    });
    root.sum.append(part("span"));
  }
  data.paths.forEach((path, index) => {
    const button = root.sum.querySelectorAll("button")[index];
    button.textContent = path.value;
    button.setAttribute("aria-label", path.label);
  });
  root.sum.querySelector("span").textContent = ` = ${data.flow}`;
  root.read = (index) => {
    root.flow.emphasise(index === null ? [] : data.paths[index].strands);
    root.reading.textContent = index === null ? data.prompt : data.paths[index].label;
  };
  root.reading.textContent = data.prompt;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".toy");
  if (!root.rows) buildToy(root, data);
  const sliders = [...root.querySelectorAll("input")];
  const wanted = () => {
    const values = [...data.values];
    for (const input of sliders) values[input.dataset.place] = Number(input.value);
    return values;
  };
  if (!root.asked) for (const input of sliders) input.value = data.values[input.dataset.place];
  if (root.asked && root.asked.serial !== data.serial) root.asked = null;
  root.ask = () => {
    for (const input of sliders) input.nextSibling.textContent = Number(input.value).toFixed(1);
    const values = wanted();
    if (root.asked || values.every((value, place) => value === data.values[place])) return;
    root.asked = { serial: data.serial };
    setTriggerValue("moved", values);
  };
  drawFlow(root.flow, data.graph);
  drawSum(root, data);
  data.rows.forEach((row, index) => {
    root.rows.children[index].querySelector(".result").textContent = row.result;
  });
  root.ask();
}
