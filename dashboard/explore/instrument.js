// The instrument: the heatmap of a result beside its cell, one selection for both, and the replay of its pruning.
// Texts, levels, widths and sentences come from the server, ready to be placed; nothing is computed here.

const FRAME_MS = 120;
const LONGEST_REPLAY_MS = 9000;

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".instrument");
  root.instrument ??= new Instrument(root);
  root.instrument.show(data, setTriggerValue);
  return () => root.instrument.pause();
}

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element[name] = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

class Instrument {
  constructor(root) {
    this.root = root;
    this.kind = 0;
    this.selection = null; // {kind, edge, operation}, edge or operation null
    this.focused = [0, 0];
    this.step = null;
    this.playing = null;
    this.part = (name) => root.querySelector(`.${name}`);
    this.slider = root.querySelector("input");
    this.slider.oninput = () => this.go(Number(this.slider.value));
    this.button = (name) => root.querySelector(`[data-do=${name}]`);
    const acts = {
      play: () => (this.playing ? this.pause() : this.play()),
      back: () => this.go(this.current() - 1),
      on: () => this.go(this.current() + 1),
      end: () => this.leave(),
      clear: () => this.select(null),
      pin: () => this.constrain("pin"),
      ban: () => this.constrain("ban"),
      ask: () => this.tell("asked", Date.now()),
      dropped: () => this.toggleDropped(),
      watch: () => this.play(),
      seen: () => this.part("steps").remove(),
    };
    this.part("steps").hidden = wasHere();
    for (const [name, act] of Object.entries(acts)) this.button(name).onclick = act;
    for (const button of root.querySelectorAll("[data-save]"))
      button.onclick = () => this.tell("save", { picture: button.dataset.save, form: button.dataset.form, kind: this.kind });
  }

  show(data, tell) {
    const { picture } = data;
    this.tell = tell;
    if (this.picture?.id !== picture.id) this.forget(picture);
    this.data = data;
    this.picture = picture;
    this.root.style.setProperty("--height", `${data.height}px`);
    this.dark = isDark(this.root);
    this.drawHeads();
    this.drawGrid();
    this.drawCells();
    this.drawOverlay();
    this.slider.max = picture.steps;
    for (const name of ["play", "back", "on"]) this.button(name).disabled = picture.steps === 0;
    this.slider.disabled = picture.steps === 0;
    this.paint();
    if (data.file && data.file.number !== this.saved) this.save(data.file);
    if (this.wanted && data.frames) {
      const wanted = this.wanted;
      this.wanted = null;
      wanted();
    }
  }

  /** Lets go of what belongs to another result: its replay, and a selection that has no place here. */
  forget(picture) {
    this.pause();
    this.step = null;
    this.wanted = null;
    const names = (one) => JSON.stringify([one.operations.map((operation) => operation.name), one.cells.map((cell) => cell.ids)]);
    if (!this.picture || names(this.picture) !== names(picture)) {
      this.kind = 0;
      this.selection = null;
      this.focused = [0, 0];
      this.grid = null;
    }
  }

  drawHeads() {
    const tabs = this.part("tabs");
    const { cells } = this.picture;
    tabs.hidden = cells.length < 2;
    if (tabs.children.length !== cells.length)
      tabs.replaceChildren(
        ...cells.map((cell, index) => make("button", { role: "tab", type: "button", onclick: () => this.open(index) }, cell.title.replace(/ cell$/, ""))),
      );
    [...tabs.children].forEach((tab, index) => tab.setAttribute("aria-selected", String(index === this.kind)));
    this.part("unit").textContent = this.data.unit;
    this.part("thicker").textContent = this.picture.thicker;
  }

  open(kind) {
    this.kind = kind;
    this.drawHeads();
    this.paint();
  }

  // The heatmap: a grid of fields, moved in by arrow keys.

  drawGrid() {
    const { operations, cells } = this.picture;
    const key = JSON.stringify([operations, cells[0].edges]);
    if (this.grid === key) return;
    this.grid = key;
    const heads = operations.map((operation, column) =>
      make("th", { scope: "col" }, make("button", { type: "button", title: operation.name, style: `--colour: ${operation.colour}`, onclick: () => this.select({ edge: null, operation: column }) }, operation.short)),
    );
    const rows = cells[0].edges.map((edge, row) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, make("button", { type: "button", onclick: () => this.select({ kind: this.kind, edge: row, operation: null }) }, edge)),
        ...operations.map((_, column) => make("td", { role: "gridcell", onclick: () => this.pick(row, column) })),
      ),
    );
    const table = make("table", { role: "grid" }, make("thead", {}, make("tr", {}, make("td", { style: "cursor: default" }), ...heads)), make("tbody", {}, ...rows));
    table.onkeydown = (event) => this.move(event);
    this.part("heat").replaceChildren(table);
    this.fields = rows.map((row) => [...row.querySelectorAll("td")]);
  }

  move(event) {
    if (!event.target.matches("[role=gridcell]")) return;
    const [row, column] = this.focused;
    const last = [this.fields.length - 1, this.fields[0].length - 1];
    const moves = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], Home: [row, 0], End: [row, last[1]] };
    if (event.key === "Enter" || event.key === " ") this.pick(row, column);
    else if (moves[event.key]) this.focus(moves[event.key].map((place, axis) => Math.min(Math.max(place, 0), last[axis])));
    else return;
    event.preventDefault();
  }

  focus(place) {
    this.focused = place;
    this.paintFields();
    this.fields[place[0]][place[1]].focus();
  }

  pick(row, column) {
    this.focused = [row, column];
    this.select({ kind: this.kind, edge: row, operation: column });
  }

  paint() {
    this.paintFields();
    this.paintCells();
    this.paintWords();
    this.paintReplay();
  }

  paintFields() {
    const { operations, noun } = this.picture;
    const cell = this.picture.cells[this.kind];
    const shown = this.step === null ? cell : this.data.frames.passes[this.data.frames.at[this.step]][this.kind];
    const live = this.liveFields(cell);
    const alone = this.decided(live, operations.length);
    const just = this.step ? this.data.frames.drops[this.step - 1] : null;
    const finished = this.step === null || this.step === this.picture.steps;
    this.fields.forEach((fields, row) =>
      fields.forEach((field, column) => {
        const place = row * operations.length + column;
        const level = live[place] ? shown.levels[place] : -1;
        const chosen = cell.chosen[row] === column && (finished || alone[row]);
        const [fill, ink] = level < 0 ? ["", ""] : this.colour(level);
        field.style.background = fill;
        field.style.color = ink;
        field.className = [
          level < 0 && "nothing",
          !live[place] && "pruned",
          chosen && "chosen",
          chosen && finished && !cell.kept[row] && "left-out",
          just && just[0] === this.kind && just[1] === row && just[2] === column && "just",
          this.fieldSelected(row, column) && "selected",
        ]
          .filter(Boolean)
          .join(" ");
        const sign = this.sign(row, column);
        const text = live[place] ? shown.texts[place] : "×";
        field.replaceChildren(text, ...(sign ? [make("span", { class: "sign", "aria-hidden": "true" }, sign)] : []));
        field.tabIndex = this.focused[0] === row && this.focused[1] === column ? 0 : -1;
        field.setAttribute("aria-label", `${cell.words[place]}${sign ? ` (${sign === "lock" ? "pinned" : "banned"})` : ""}`);
        field.title = cell.words[place];
        field.setAttribute("aria-selected", String(this.fieldSelected(row, column)));
      }),
    );
    const table = this.part("heat").firstChild;
    table.setAttribute("aria-label", `Heatmap, ${cell.title}: ${this.data.unit}, ${cell.edges.length} ${noun}s by ${operations.length} operations. ${cell.alt}`);
  }

  colour(level) {
    return this.picture.palettes[this.dark ? "dark" : "light"][level];
  }

  /** The fields that are live at the step that is shown. */
  liveFields(cell) {
    if (!this.step) return cell.live;
    const live = [...cell.live];
    const width = this.picture.operations.length;
    for (const [kind, edge, operation] of this.data.frames.drops.slice(0, this.step))
      if (kind === this.kind) live[edge * width + operation] = 0;
    return live;
  }

  decided(live, width) {
    return this.fields.map((_, row) => live.slice(row * width, (row + 1) * width).reduce((sum, one) => sum + one, 0) === 1);
  }

  sign(row, column) {
    const here = ([kind, edge, operation]) => kind === this.kind && edge === row && operation === column;
    return this.data.pinned.some(here) ? "lock" : this.data.banned.some(here) ? "block" : "";
  }

  // The cells: pictures that were laid out on the server, whose edges change their looks and never their places.

  drawCells() {
    const drawn = this.picture.cells.map((cell) => cell.svg).join();
    if (this.drawn === drawn) return;
    this.drawn = drawn;
    const parser = new DOMParser();
    this.part("cells").replaceChildren(
      ...this.picture.cells.map((cell) => {
        const svg = document.importNode(parser.parseFromString(cell.svg, "image/svg+xml").documentElement, true);
        svg.removeAttribute("width");
        svg.removeAttribute("height");
        const figure = make("figure", {}, svg);
        if (this.picture.cells.length > 1) figure.prepend(make("figcaption", {}, cell.title));
        return figure;
      }),
    );
    this.edges = this.picture.cells.map((cell, kind) => {
      const figure = this.part("cells").children[kind];
      for (const title of figure.querySelectorAll("title")) title.remove();
      return cell.ids.map((id, edge) => this.wire(figure.querySelector(`[id="${id}"]`), kind, edge));
    });
  }

  wire(group, kind, edge) {
    const line = group.querySelector(".line");
    const hit = line.cloneNode();
    hit.setAttribute("class", "hit");
    hit.removeAttribute("stroke");
    group.prepend(hit);
    const act = () => this.select({ kind, edge, operation: null });
    group.onclick = act;
    group.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act();
    };
    group.setAttribute("role", "button");
    return group;
  }

  paintCells() {
    this.part("cells").classList.toggle("selecting", this.selection !== null);
    this.picture.cells.forEach((cell, kind) => {
      const arrows = this.step === null ? cell.arrows : this.data.frames.arrows[this.step][kind];
      const figure = this.part("cells").children[kind].querySelector("svg");
      figure.setAttribute("role", "group");
      figure.setAttribute("aria-label", cell.title);
      arrows.forEach((arrow, edge) => this.paintEdge(this.edges[kind][edge], cell, kind, edge, arrow));
    });
    this.button("dropped").hidden = this.step !== null || !this.picture.cells.some((cell) => cell.kept.includes(0));
    this.button("dropped").setAttribute("aria-pressed", String(Boolean(this.withDropped)));
  }

  paintEdge(group, cell, kind, edge, [operation, width, way, note]) {
    const { title, zero } = this.picture.operations[operation];
    const selected = this.edgeSelected(kind, edge, operation);
    const hidden = way === "dropped" && !this.withDropped;
    group.setAttribute("class", ["edge", hidden && "hidden", way !== "kept" && "pale", selected && "selected"].filter(Boolean).join(" "));
    paintArrow(group, { operation: this.picture.operations[operation], width, dashed: zero || way !== "kept", note });
    group.setAttribute("aria-label", `${cell.edges[edge]}: ${title}`);
    group.setAttribute("aria-pressed", String(selected));
    group.tabIndex = hidden ? -1 : 0;
  }

  toggleDropped() {
    this.withDropped = !this.withDropped;
    this.paintCells();
  }

  // One selection: an operation on an edge, an edge, or an operation wherever it is.

  select(selection) {
    const same = JSON.stringify(selection) === JSON.stringify(this.selection);
    this.selection = same ? null : selection;
    if (!same && selection?.kind !== undefined && selection.kind !== this.kind) this.kind = selection.kind;
    this.drawHeads();
    this.paint();
  }

  fieldSelected(edge, operation) {
    const { selection } = this;
    if (selection === null) return false;
    if (selection.edge === null) return selection.operation === operation;
    return selection.kind === this.kind && selection.edge === edge && [null, operation].includes(selection.operation);
  }

  edgeSelected(kind, edge, operation) {
    const { selection } = this;
    if (selection === null) return false;
    return selection.edge === null ? selection.operation === operation : selection.kind === kind && selection.edge === edge;
  }

  paintWords() {
    const { selection } = this;
    const text = this.part("words").querySelector("p");
    for (const name of ["clear", "pin", "ban"]) this.button(name).hidden = selection === null || (name !== "clear" && selection.edge === null);
    if (selection === null) {
      text.textContent = "Select a field, an operation or a connection of the cell to read what it carries.";
      return;
    }
    const operation = this.operationOf(selection);
    if (selection.edge === null) {
      const { title } = this.picture.operations[operation];
      const count = this.picture.cells[this.kind].chosen.filter((chosen) => chosen === operation).length;
      text.textContent = `${title}: chosen on ${count} of ${this.fields.length} ${this.picture.noun}s.`;
      return;
    }
    const cell = this.picture.cells[selection.kind];
    text.textContent = cell.words[selection.edge * this.picture.operations.length + operation];
    const here = (place) => place[0] === selection.kind && place[1] === selection.edge && place[2] === operation;
    for (const [name, verb] of [["pin", "Pin"], ["ban", "Ban"]]) {
      const active = this.data[`${name === "pin" ? "pinned" : "banned"}`].some(here);
      this.button(name).textContent = active ? `Un${verb.toLowerCase()}` : verb;
      this.button(name).setAttribute("aria-pressed", String(active));
    }
    this.button("pin").disabled = !this.data.pinnable.includes(operation);
  }

  operationOf({ kind, edge, operation }) {
    return operation ?? this.picture.cells[kind].chosen[edge];
  }

  constrain(verb) {
    const { kind, edge } = this.selection;
    this.tell(verb, [kind, edge, this.operationOf(this.selection)]);
  }

  // The replay.

  current() {
    return this.step ?? this.picture.steps;
  }

  withFrames(act) {
    if (this.data.frames) return act();
    this.wanted = act;
    this.tell("replay", this.picture.id);
  }

  go(step) {
    this.pause();
    this.withFrames(() => this.to(step));
  }

  to(step) {
    this.step = Math.min(Math.max(step, 0), this.picture.steps);
    this.paint();
  }

  play() {
    this.withFrames(() => {
      const { steps } = this.picture;
      const stride = Math.max(1, Math.ceil((steps * FRAME_MS) / LONGEST_REPLAY_MS));
      this.to(this.current() >= steps ? 0 : this.current());
      this.playing = setInterval(() => {
        this.to(this.step + stride);
        if (this.step >= steps) this.pause();
      }, FRAME_MS);
      this.paintReplay();
    });
  }

  pause() {
    clearInterval(this.playing);
    this.playing = null;
    if (this.picture) this.paintReplay();
  }

  /** Ends the replay: the picture is that of the result again. */
  leave() {
    this.pause();
    this.step = null;
    this.paint();
  }

  paintReplay() {
    const replaying = this.step !== null;
    this.slider.value = this.current();
    this.button("play").textContent = this.playing ? "Pause" : "Replay";
    this.button("end").hidden = !replaying;
    const words = replaying ? this.data.frames.sentences[this.step] : this.picture.about;
    this.part("replay").querySelector("output").textContent = words;
  }

  // What stands above the pictures while they answer another question; files.

  drawOverlay() {
    const { overlay } = this.data;
    this.root.classList.toggle("stale", Boolean(overlay));
    this.part("overlay").hidden = !overlay;
    if (!overlay) return;
    this.part("overlay").querySelector("p").textContent = overlay.sentence;
    this.button("ask").hidden = !overlay.button;
    this.button("ask").textContent = overlay.button;
  }

  save({ number, name, mime, base64 }) {
    this.saved = number;
    const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
    const address = URL.createObjectURL(new Blob([bytes], { type: mime }));
    make("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }
}

/** Whether this browser was here before, which it remembers from now on, where it remembers at all. */
function wasHere() {
  try {
    const before = localStorage.getItem("freenas-visited");
    localStorage.setItem("freenas-visited", "yes");
    return before !== null;
  } catch {
    return false;
  }
}

function isDark(element) {
  const colour = getComputedStyle(element).getPropertyValue("--st-background-color").trim();
  const match = /^#(..)(..)(..)/.exec(colour);
  return match ? match.slice(1).reduce((sum, part) => sum + parseInt(part, 16), 0) < 384 : false;
}

function paintArrow(group, { operation, width, dashed, note }) {
  const { colour, ink, short } = operation;
  const line = group.querySelector(".line");
  line.setAttribute("stroke", colour);
  line.setAttribute("stroke-width", 1.2 + 4.3 * width);
  line.setAttribute("stroke-dasharray", dashed ? "5 4" : "none");
  group.querySelector(".head").setAttribute("fill", colour);
  const chip = group.querySelector(".chip");
  chip.querySelector("rect").setAttribute("fill", colour);
  chip.querySelector("text").setAttribute("fill", ink);
  chip.querySelector(".name").textContent = short;
  chip.querySelector(".note").textContent = note;
}
