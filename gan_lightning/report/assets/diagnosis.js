// What the numbers of each run show, in words.

function finding(found) {
  const parts = [make("h4", {}, found.name), make("p", {}, found.numbers)];
  if (found.advice.length) parts.push(make("ul", {}, ...found.advice.map((advice) => make("li", {}, advice))));
  if (found.by.length) parts.push(make("p", { class: "note" }, `Sources: ${found.by.join("; ")}`));
  return make("div", {}, ...parts);
}

function drawDiagnosis() {
  const section = document.getElementById("diagnosis");
  const told = [...runs.keys()].filter((id) => runs[id].diagnosis.length);
  section.hidden = !told.length;
  for (const id of told) {
    const names = runs[id].diagnosis.map(({ name }) => name).join(", ");
    const summary = make("summary", {}, swatch(runs[id].group), ` ${runLabel(id)}: ${names}`);
    const details = make("details", {}, summary, ...runs[id].diagnosis.map(finding));
    lightOn(details, [id]);
    changes.addEventListener("shown", () => (details.hidden = !isShown(id)));
    section.querySelector(".findings").append(details);
  }
}

drawDiagnosis();
