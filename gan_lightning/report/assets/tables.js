// The header, the means over seeds, and the table of runs with its order and filter.

const several = report.protocols.length > 1;
const known = (values) => values.some((value) => value !== null && value !== undefined);
const mark = (protocol) => (several && protocol !== null ? make("sup", {}, report.protocols[protocol].letter) : "");

function scoreHeading(name) {
  const [which, ...rest] = name.split(".");
  return [make("small", {}, which), rest.join(".")];
}

// The monitored score first, its last value beside its best one.
const scores = [...report.scores].sort((a, b) => {
  const rank = (name) => (name.endsWith(`.${report.monitor}`) ? 0 : 1);
  return rank(a) - rank(b);
});

// One number of digits for a score, so that its last and best values can be compared at a glance.
const formats = Object.fromEntries(scores.map((name) => {
  const alike = scores.filter((other) => other.split(".").slice(1).join() === name.split(".").slice(1).join());
  return [name, fixed(alike.flatMap((other) => runs.map((run) => run.scores[other])))];
}));

const COLUMNS = [
  { heading: ["run"], value: (run) => run.name },
  ...report.settings.map(({ name, short }, i) => ({
    heading: [short], title: name, value: (run) => run.settings[i],
    isNumber: runs.every((run) => run.settings[i] === null || typeof run.settings[i] === "number"),
  })),
  { heading: ["state"], value: (run) => run.state, hidden: runs.every((run) => run.state === "unknown") },
  ...scores.map((name) => ({
    heading: scoreHeading(name), value: (run) => run.scores[name], isNumber: true, isScore: true, format: formats[name],
  })),
  ...[
    ["scored_at", "scored at", "images seen at the last validation", compact.format],
    ["images_seen", "images", "images seen", compact.format],
    ["seconds", "time", "time of training", duration],
    ["images_per_second", "images/s", "images per second", compact.format],
    ...report.measures.filter((name) => name.startsWith("parameters.")).map((name) => {
      const player = name.slice("parameters.".length);
      return [name, { generator: "G", discriminator: "D" }[player] ?? player, `parameters of the ${player}`, compact.format];
    }),
  ].map(([name, heading, title, format]) => ({
    heading: [heading], title, format, value: (run) => run.measures[name], isNumber: true,
    // Where every run was scored at its end, one of the two columns says it all.
    hidden: name === "scored_at" && runs.every(({ measures }) => [null, measures.images_seen].includes(measures.scored_at)),
  })),
].filter((column) => !column.hidden && known(runs.map(column.value)));

function cell(run, column) {
  const value = column.value(run);
  if (column.heading[0] === "state") return make("td", {}, make("span", { class: `state ${value}` }, value));
  if (value === null || value === undefined) return make("td", { class: column.isNumber ? "number" : "" }, "–");
  const told = column.format ? column.format(value) : written(value);
  return make("td", { class: column.isNumber ? "number" : "" }, told, column.isScore ? mark(run.protocol) : "");
}

function body(run, id) {
  const box = make("input", { type: "checkbox", "aria-label": `Show ${runLabel(id)}` });
  box.checked = true;
  box.addEventListener("change", () => tick([id], box.checked));
  const name = make("span", { class: "name", title: run.folder }, run.name);
  const row = make("tr", {}, make("th", { scope: "row" }, make("label", {}, box, swatch(run.group), name)));
  row.append(...COLUMNS.slice(1).map((column) => cell(run, column)));
  const made = make("tbody", { "data-run": id }, row);
  if (run.problem) {
    row.className = "has-problem";
    made.append(make("tr", { class: "problem" }, make("td", { colspan: COLUMNS.length }, make("span", {}, run.problem))));
  }
  lightOn(made, [id]);
  changes.addEventListener("shown", () => {
    made.hidden = !matching.has(id);
    box.checked = !unticked.has(id);
    made.classList.toggle("off", !box.checked);
  });
  changes.addEventListener("lit", () => made.classList.toggle("lit", lit.has(id)));
  return made;
}

function compare(a, b, column, sign) {
  const [x, y] = [column.value(runs[a]), column.value(runs[b])];
  // Scores of different protocols are never ranked together.
  if (column.isScore && runs[a].protocol !== runs[b].protocol) return (runs[a].protocol ?? 1e9) - (runs[b].protocol ?? 1e9);
  const [noX, noY] = [x === null || x === undefined, y === null || y === undefined];
  if (noX || noY) return noX - noY;
  if (typeof x === "number" && typeof y === "number") return sign * (x - y);
  return sign * String(x).localeCompare(String(y), "en", { numeric: true });
}

function runTable() {
  const table = document.querySelector("#runs table");
  const bodies = runs.map(body);
  const head = make("tr");
  for (const column of COLUMNS) {
    const button = make("button", { type: "button" }, ...column.heading);
    const th = make("th", { scope: "col", class: column.isNumber ? "number" : "", title: column.title ?? "" }, button);
    button.addEventListener("click", () => {
      const sign = th.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      head.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
      th.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
      table.append(...[...runs.keys()].sort((a, b) => compare(a, b, column, sign)).map((id) => bodies[id]));
    });
    head.append(th);
  }
  table.append(make("thead", {}, head), ...bodies);
}

function seedTable() {
  const section = document.getElementById("seeds");
  const shown = report.settings.map((setting, i) => ({ ...setting, i })).filter(({ name }) => name !== "seed");
  section.hidden = report.groups.every((group) => group.runs < 2) || !scores.length;
  const head = [
    make("th", { scope: "col" }, shown.length ? shown[0].short : "setting"),
    ...shown.slice(1).map(({ short, name }) => make("th", { scope: "col", title: name }, short)),
    make("th", { scope: "col", class: "number" }, "runs"),
    ...scores.map((name) => make("th", { scope: "col", class: "number" }, ...scoreHeading(name))),
  ];
  const bodies = report.groups.map((group) => {
    const first = shown.length ? written(group.settings[shown[0].i]) : groupLabel(group.group);
    const row = make("tr", {}, make("th", { scope: "row" }, make("label", {}, swatch(group.group), first)));
    row.append(...shown.slice(1).map(({ i }) => make("td", {}, written(group.settings[i]))));
    row.append(make("td", { class: "number" }, String(group.runs)));
    scores.forEach((name) => {
      const [mean, std, n] = group.scores[name];
      const spread = n > 1 ? `± ${formats[name](std)}` : "";
      const part = n < group.runs ? ` (${n} of ${group.runs})` : "";
      const told = n ? [formats[name](mean), mark(group.protocol), make("span", { class: "spread" }, ` ${spread}${part}`)] : ["–"];
      row.append(make("td", { class: "number" }, ...told));
    });
    const made = make("tbody", {}, row);
    lightOn(made, members(group.group));
    return made;
  });
  section.querySelector("table").append(make("thead", {}, make("tr", {}, ...head)), ...bodies);
}

function header() {
  const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
  const states = ["running", "interrupted", "failed", "diverged", "incomplete"];
  const summary = document.getElementById("summary");
  summary.append(`${count(runs.length, "run")} · ${count(groups.length, "setting")}`);
  for (const state of states) {
    const n = runs.filter((run) => run.state === state).length;
    const button = make("button", { type: "button", title: `Show only what is ${state}` }, `${n} ${state}`);
    button.addEventListener("click", () => {
      document.getElementById("filter").value = state;
      document.getElementById("filter").dispatchEvent(new Event("input"));
    });
    if (n) summary.append(" · ", button);
  }
  for (const [name, value] of Object.entries(report.common)) {
    document.getElementById("common").append(make("div", {}, make("dt", {}, name), make("dd", {}, written(value))));
  }
  const warning = document.getElementById("warning");
  warning.hidden = !several;
  warning.textContent = `The scores were computed in ${report.protocols.length} different ways. ` +
    `Below the table, ${report.protocols.map(({ letter }) => letter).join(", ")} say how. ` +
    "Only scores with the same letter can be compared; sorting keeps the others apart.";
  for (const { letter, text } of report.protocols) {
    document.getElementById("protocols").append(make("p", {}, several ? `${letter}: ${text}` : `Scores: ${text}`));
  }
}

function filter() {
  const input = document.getElementById("filter");
  const texts = runs.map((run) => {
    const settings = report.settings.flatMap(({ name, short }, i) => [`${name}=${run.settings[i]}`, `${short}=${run.settings[i]}`]);
    return [run.name, run.state, run.problem, ...settings].join("\n").toLowerCase();
  });
  const apply = () => {
    const terms = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    matching = new Set([...runs.keys()].filter((id) => terms.every((term) => texts[id].includes(term))));
    const all = matching.size === runs.length;
    document.getElementById("count").textContent = all ? `${runs.length}` : `${matching.size} of ${runs.length}`;
    changes.dispatchEvent(new Event("shown"));
  };
  input.addEventListener("input", apply);
  apply();
}

header();
seedTable();
runTable();
filter();
