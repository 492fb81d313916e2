// Curves over the images seen, a menu for each of two charts.

const MARGIN = { top: 8, right: 14, bottom: 34, left: 46 };

// Round numbers within a range, about so many.
function ticks(low, high, count) {
  const raw = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= raw) * power;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

function logTicks(low, high) {
  const found = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
    for (const factor of high - low > 2.5 ? [1] : [1, 2, 5]) found.push(power + Math.log10(factor));
  }
  return found.filter((tick) => tick >= low - 1e-9 && tick <= high + 1e-9);
}

// Math.min(...values) would run out of stack where runs are many.
const extent = (values) => values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);

function chart(initial) {
  const menu = make("select", { "aria-label": "Curve" });
  for (const [kind, names] of Object.entries(report.curves)) {
    if (names.length) menu.append(make("optgroup", { label: kind }, ...names.map((name) => make("option", {}, name))));
  }
  menu.value = initial;
  const log = make("input", { type: "checkbox" });
  const svg = make("svg", { role: "img" });
  const tip = make("div", { class: "tip", hidden: "" });
  const figure = make("figure", { class: "chart" });
  figure.append(make("figcaption", {}, menu, make("label", {}, log, "logarithmic")), svg, tip);
  const logged = runs.flatMap((run) => (run.curves[initial] ?? []).map(([, value]) => value)).filter((value) => value !== null);
  // Scores such as FID fall steeply at first, which would flatten all that is to be compared.
  const [smallest, largest] = extent(logged);
  const falls = smallest > 0 && largest > 5 * smallest;
  log.checked = falls && report.curves.Scores.includes(initial);
  let drawn = []; // id and places of the points of each run

  function draw() {
    const [width, height] = [svg.clientWidth, svg.clientHeight];
    if (!width) return;
    const name = menu.value;
    const scale = (value) => (log.checked ? Math.log10(value) : value);
    const usable = ([, value]) => value !== null && (!log.checked || value > 0);
    const ids = [...runs.keys()].filter((id) => isShown(id) && runs[id].curves[name]);
    const points = ids.flatMap((id) => runs[id].curves[name].filter(usable));
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("aria-label", `${name} over images seen, ${ids.length} runs`);
    drawn = [];
    if (!points.length) {
      svg.replaceChildren(make("text", { x: width / 2, y: height / 2, "text-anchor": "middle" }, "nothing to draw"));
      return;
    }
    const values = points.map(([, value]) => scale(value));
    let [low, high] = extent(values);
    const room = (high - low) * 0.05 || Math.abs(high) * 0.1 || 1;
    [low, high] = [low - room, high + room];
    const end = Math.max(extent(points.map(([seen]) => seen))[1], 1);
    const x = (seen) => MARGIN.left + (seen / end) * (width - MARGIN.left - MARGIN.right);
    const y = (value) => MARGIN.top + ((high - scale(value)) / (high - low)) * (height - MARGIN.top - MARGIN.bottom);

    const parts = [];
    for (const tick of log.checked ? logTicks(low, high) : ticks(low, high, 5)) {
      const value = log.checked ? 10 ** tick : tick;
      parts.push(make("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }));
      parts.push(make("text", { x: MARGIN.left - 8, y: y(value) + 4, "text-anchor": "end" }, compact.format(value)));
    }
    for (const seen of ticks(0, end, width / 90)) {
      parts.push(make("text", { x: x(seen), y: height - MARGIN.bottom + 17, "text-anchor": "middle" }, compact.format(seen)));
    }
    parts.push(make("text", { x: width - MARGIN.right, y: height - 1, "text-anchor": "end" }, "images seen"));

    for (const id of ids) {
      const { group, curves } = runs[id];
      let path = "";
      let broken = true;
      const places = [];
      for (const point of curves[name]) {
        if (usable(point)) {
          const place = { x: x(point[0]), y: y(point[1]), point };
          path += `${broken ? "M" : "L"}${place.x.toFixed(1)} ${place.y.toFixed(1)}`;
          places.push(place);
        }
        broken = !usable(point);
      }
      const line = make("g", { class: "run", "data-run": id });
      line.append(make("path", { d: path, "stroke-dasharray": dash(group) }));
      line.firstChild.style.stroke = colour(group);
      const last = places.at(-1);
      if (last && broken) { // where it stopped being a number
        const cross = make("path", { d: `M${last.x - 4} ${last.y - 4}l8 8m0-8l-8 8` });
        cross.style.stroke = "var(--bad)";
        line.append(cross);
      } else if (last) {
        const dot = make("circle", { cx: last.x, cy: last.y, r: 2.6 });
        dot.style.fill = colour(group);
        line.append(dot);
      }
      parts.push(line);
      drawn.push({ id, places });
    }
    svg.replaceChildren(...parts);
    shine();
  }

  function shine() {
    svg.classList.toggle("lighting", lit.size > 0);
    for (const line of svg.querySelectorAll(".run")) line.classList.toggle("lit", lit.has(Number(line.dataset.run)));
  }

  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    let best = { distance: 40 };
    for (const { id, places } of drawn) {
      for (const place of places) {
        const distance = Math.hypot(place.x - px, place.y - py);
        if (distance < best.distance) best = { distance, id, place };
      }
    }
    tip.hidden = best.id === undefined;
    light(best.id === undefined ? [] : [best.id]);
    if (tip.hidden) return;
    const [seen, value] = best.place.point;
    tip.textContent = `${runLabel(best.id)}: ${Number(value.toPrecision(4))} after ${whole.format(seen)} images`;
    tip.style.left = `${Math.min(best.place.x + 14, svg.clientWidth - tip.offsetWidth + 14)}px`;
    tip.style.top = `${best.place.y + svg.offsetTop - tip.offsetHeight - 10}px`;
  });
  svg.addEventListener("pointerleave", () => {
    tip.hidden = true;
    light([]);
  });
  menu.addEventListener("change", draw);
  log.addEventListener("change", draw);
  changes.addEventListener("shown", draw);
  changes.addEventListener("lit", shine);
  document.querySelector(".charts").append(figure);
  new ResizeObserver(draw).observe(svg);
}

function legend() {
  for (const group of groups) {
    const ids = members(group);
    const button = make("button", { type: "button" }, swatch(group), groupLabel(group));
    button.addEventListener("click", () => tick(ids, ids.every((id) => unticked.has(id))));
    changes.addEventListener("shown", () => {
      button.setAttribute("aria-pressed", ids.some((id) => !unticked.has(id)));
      button.parentElement.hidden = !ids.some((id) => matching.has(id));
    });
    lightOn(button, ids);
    document.getElementById("legend").append(make("li", {}, button));
  }
}

const curveNames = Object.values(report.curves).flat();
document.getElementById("curves").hidden = !curveNames.length;
if (curveNames.length) {
  legend();
  const first = report.curves.Scores.includes(report.monitor) ? report.monitor : curveNames[0];
  chart(first);
  const second = report.curves.Losses.find((name) => name !== first) ?? curveNames.find((name) => name !== first);
  if (second) chart(second);
}
