// Rows of held-out pictures: what went in, what came out at one moment of training, and what should have come out.

function heldOut(id) {
  const moments = runs[id].held_out;
  const [first] = moments;
  const output = make("output");
  const slider = make("input", { type: "range", min: 0, max: moments.length - 1, step: 1, value: moments.length - 1 });
  slider.setAttribute("aria-label", `Images seen by ${runLabel(id)}`);
  const head = make("tr", {}, ...first.names.map((name) => make("th", { scope: "col" }, name)));
  const images = first.pictures.map((row, i) =>
    row.map((_, j) => make("img", { alt: `${first.names[j]} of picture ${i + 1}`, decoding: "async" })),
  );
  const rows = images.map((row) => make("tr", {}, ...row.map((image) => make("td", {}, image))));
  const label = make("label", { class: "slider" }, "images seen ", slider, " ", output);
  const bar = make("div", { class: "bar" }, make("h3", {}, runLabel(id)), label);
  const part = make("article", { "data-run": id }, bar, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  const draw = () => {
    const moment = moments[slider.value];
    output.textContent = whole.format(moment.seen);
    images.forEach((row, i) => row.forEach((image, j) => (image.src = moment.pictures[i][j])));
  };
  slider.addEventListener("input", draw);
  changes.addEventListener("shown", () => (part.hidden = !isShown(id)));
  draw();
  return part;
}

function allHeldOut() {
  const section = document.getElementById("held-out");
  const withPictures = [...runs.keys()].filter((id) => runs[id].held_out.length);
  section.hidden = !withPictures.length;
  section.querySelector(".parts").append(...withPictures.map(heldOut));
}

allHeldOut();
changes.dispatchEvent(new Event("shown"));
