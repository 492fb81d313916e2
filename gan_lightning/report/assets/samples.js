// Grids side by side at one moment of training, and one of them large.

const steps = [...new Set(runs.flatMap((run) => run.snapshots.map(([seen]) => seen)))].sort((a, b) => a - b);

// What a run showed last, up to so many images.
const snapshotAt = (run, seen) => run.snapshots.findLast(([at]) => at <= seen) ?? run.snapshots[0];

function show(image, caption, [seen, picture]) {
  image.src = report.pictures[picture];
  caption.textContent = whole.format(seen);
}

function large() {
  const dialog = document.getElementById("large");
  const [image, slider, output] = ["img", "input", "output"].map((name) => dialog.querySelector(name));
  let run = null;
  const draw = () => show(image, output, run.snapshots[slider.value]);
  slider.addEventListener("input", draw);
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return (id, shown) => {
    run = runs[id];
    slider.max = run.snapshots.length - 1;
    slider.value = run.snapshots.indexOf(shown);
    dialog.querySelector("h2").textContent = runLabel(id);
    image.alt = `Samples of ${runLabel(id)}`;
    draw();
    dialog.showModal();
    slider.focus();
  };
}

function card(id, open) {
  const run = runs[id];
  const image = make("img", { alt: `Samples of ${runLabel(id)}`, decoding: "async" });
  const button = make("button", { type: "button", "aria-label": `Enlarge the samples of ${runLabel(id)}` }, image);
  const seen = make("span");
  const caption = make("figcaption", {}, swatch(run.group), make("div", {}, runLabel(id), make("small", {}, seen, " images")));
  const figure = make("figure", { "data-run": id }, button, caption);
  let shown = null;
  button.addEventListener("click", () => open(id, shown));
  lightOn(figure, [id]);
  changes.addEventListener("shown", () => (figure.hidden = !isShown(id)));
  changes.addEventListener("lit", () => figure.classList.toggle("lit", lit.has(id)));
  document.querySelector(".cards").append(figure);
  return (moment) => {
    shown = snapshotAt(run, moment);
    show(image, seen, shown);
  };
}

function samples() {
  const section = document.getElementById("samples");
  section.hidden = !steps.length;
  if (!steps.length) return;
  const open = large();
  const cards = [...runs.keys()].filter((id) => runs[id].snapshots.length).map((id) => card(id, open));
  const [slider, output] = [section.querySelector("input"), section.querySelector("output")];
  slider.max = steps.length - 1;
  slider.value = slider.max;
  const draw = () => {
    output.textContent = whole.format(steps[slider.value]);
    slider.setAttribute("aria-valuetext", `${output.textContent} images`);
    cards.forEach((moveTo) => moveTo(steps[slider.value]));
  };
  slider.addEventListener("input", draw);
  draw();
  const thinned = runs.some((run) => run.snapshots.length < run.grids);
  const kept = Math.max(...runs.map((run) => run.snapshots.length));
  const without = runs.filter((run) => !run.snapshots.length).length;
  section.querySelector(".note").textContent = [
    thinned ? `At most ${kept} snapshots of a run are here, reduced in size; its folder has all.` : "",
    report.left_out ? `${report.left_out} ${report.left_out === 1 ? "picture" : "pictures"} could not be read.` : "",
    without ? `${without} ${without === 1 ? "run has" : "runs have"} no samples.` : "",
  ].join(" ");
}

samples();
changes.dispatchEvent(new Event("shown"));
