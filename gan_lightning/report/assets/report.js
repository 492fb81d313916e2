"use strict";
// What all parts of the page share: the data, which runs are shown and lit, names and numbers as text.

const report = JSON.parse(document.getElementById("data").textContent);
const runs = report.runs;
const changes = new EventTarget(); // "shown" and "lit"
const unticked = new Set();
let matching = new Set(runs.keys());
let lit = new Set();

const isShown = (id) => matching.has(id) && !unticked.has(id);

function tick(ids, on) {
  ids.forEach((id) => (on ? unticked.delete(id) : unticked.add(id)));
  changes.dispatchEvent(new Event("shown"));
}

function light(ids) {
  lit = new Set(ids);
  changes.dispatchEvent(new Event("lit"));
}

function lightOn(element, ids) {
  for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, () => light(ids));
  for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, () => light([]));
}

function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "g", "path", "line", "text", "circle"].includes(tag);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// One colour for the runs of a group, which differ in their seed only; dashes tell groups beyond the eighth.
const COLOURS = 8;
const DASHES = ["", "6 3", "2 3", "9 3 2 3"];
const groups = [...new Set(runs.map((run) => run.group))];
const colour = (group) => `var(--c${groups.indexOf(group) % COLOURS})`;
const dash = (group) => DASHES[Math.floor(groups.indexOf(group) / COLOURS) % DASHES.length];
const members = (group) => [...runs.keys()].filter((id) => runs[id].group === group);

function swatch(group) {
  const svg = make("svg", { class: "swatch", viewBox: "0 0 18 10", "aria-hidden": "true" });
  svg.append(make("line", { x1: 0, x2: 18, y1: 5, y2: 5, "stroke-width": 3, "stroke-dasharray": dash(group) }));
  svg.firstChild.style.stroke = colour(group);
  return svg;
}

const written = (value) => (value === null || value === undefined ? "–" : String(value));

function label(settings, fallback, withSeed) {
  const parts = report.settings.map(({ name, short }, i) => {
    const isSeed = name === "seed";
    if ([null, undefined, "default"].includes(settings[i]) || (isSeed && !withSeed)) return null;
    return typeof settings[i] === "string" ? settings[i] : isSeed ? `seed ${settings[i]}` : `${short} ${settings[i]}`;
  });
  const told = parts.filter((part) => part !== null);
  return told.some((part) => !part.startsWith("seed ")) ? told.join(" · ") : [fallback, ...told].join(" · ");
}

const runLabel = (id) => label(runs[id].settings, runs[id].name, true);
const groupLabel = (group) => {
  const first = runs[members(group)[0]];
  return label(first.settings, members(group).length > 1 ? "all runs" : first.name, false);
};

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

// Three digits of a typical value, for all values of a column, so that their points stand below each other.
function fixed(values) {
  const sizes = values.filter((value) => value).map(Math.abs).sort((a, b) => a - b);
  const typical = sizes.length ? sizes[Math.floor(sizes.length / 2)] : 1;
  const places = Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(typical))));
  const format = new Intl.NumberFormat("en", { minimumFractionDigits: places, maximumFractionDigits: places });
  return (value) => format.format(value);
}

function duration(seconds) {
  if (seconds < 100) return `${seconds.toFixed(0)} s`;
  return seconds < 6000 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
