// One call as a row: what, its marks on the clock, how long it took, how it ended.

import { duration, h, put, s } from "./dom.js";
import { ending, endOf, first, last } from "./calls.js";

// Marks nearer than this stand side by side; a tail and a label need so many pixels
const APART = 13.5;
const TAIL_FROM = 20;
const LABEL_FROM = 52;

export function newRow(call) {
  const row = first(call);
  const about = [row.tables.join(", "), row.key].filter(Boolean).join(" ");
  const wf = s("svg", { role: "img" });
  const summary = h(
    "summary",
    { id: `row-${call.id}` },
    h("span", { class: "what", title: `${row.operation} ${about}` }, h("b", {}, row.operation), ` ${row.tables.join(", ")} `, h("i", {}, row.key)),
    h("span", { class: "wf" }, wf),
    h("small", {}),
    h("em", {}),
  );
  const el = h("details", { class: "call", role: "listitem", "data-call": call.id }, summary);
  el.parts = { wf, took: summary.children[2], end: summary.children[3] };
  return el;
}

// `view`: {clock, width, own, flags: Map(call id, [verdict id])}
export function drawRow(call, el, view) {
  drawMarks(call, el.parts.wf, view);
  const end = ending(call);
  const took = last(call).took === null ? null : endOf(last(call)) - first(call).at;
  el.parts.took.textContent = duration(took);
  const flags = view.flags.get(call.id) || [];
  el.parts.end.title = [end.how, end.done].filter(Boolean).join(", ");
  put(
    el.parts.end,
    flags.map((id) => [h("a", { class: "v", href: `#verdict=${id}` }, id), " "]),
    end.failed ? h("b", {}, end.how) : end.how,
    end.done && ", ",
    end.bad ? h("b", { class: "bad" }, end.done) : end.done,
  );
}

function drawMarks(call, svg, view) {
  const place = placing(call, view);
  const found = [];
  let before = null;
  let edge = -Infinity;
  for (const row of call.attempts) {
    const end = row.took === null ? view.clock.present() : endOf(row);
    const x = place(end);
    const begin = place(row.at);
    if (before !== null && begin > before) found.push(...wait(before, begin, row.at - before.ended, view.width));
    if (end - row.at > TAIL_FROM) found.push(s("rect", { class: `tail fate-${row.fate}`, x: `${begin.toFixed(2)}%`, width: `${Math.max(0, x - begin).toFixed(2)}%` }));
    const px = (x / 100) * view.width;
    const shift = Math.max(0, edge + APART - px);
    edge = px + shift;
    const at = { x: `${x.toFixed(2)}%`, transform: shift ? `translate(${shift.toFixed(1)})` : null };
    found.push(s("use", { class: `fate-${row.fate}`, href: `#${row.fate}`, ...at }));
    if (row.applied === true) found.push(s("circle", { cx: at.x, transform: at.transform, class: "done" }));
    before = { valueOf: () => x, ended: end };
  }
  svg.setAttribute("aria-label", call.attempts.map((row) => `${row.fate}${row.applied === true ? ", carried out" : ""}`).join("; "));
  put(svg, view.own ? found : within(call, found, place, view));
}

function wait(from, to, ms, width) {
  const x1 = `${Number(from).toFixed(2)}%`;
  const line = s("line", { x1, x2: `${to.toFixed(2)}%` });
  const has = ((to - Number(from)) / 100) * width >= LABEL_FROM;
  return has ? [line, s("text", { class: "gap", x: `${((Number(from) + to) / 2).toFixed(2)}%`, y: "-5" }, duration(ms))] : [line];
}

// Per cent of the column for a moment: on the one clock, or on the call's own scale
function placing(call, view) {
  if (!view.own) return (ms) => view.clock.at(ms);
  const start = first(call).at;
  const span = Math.max(100, (last(call).took === null ? view.clock.present() : endOf(last(call))) - start);
  return (ms) => 1.5 + ((ms - start) / span) * 95;
}

// A call that lies outside the clock has an arrow at that edge, with its distance
function within(call, found, place, view) {
  const left = place(endOf(last(call)));
  const right = place(first(call).at);
  if (left >= 0 && right <= 100) return found;
  const isBefore = left < 0;
  const ms = isBefore ? view.clock.start - endOf(last(call)) : first(call).at - view.clock.start - view.clock.span;
  const text = isBefore ? `\u2039 ${duration(ms)} before` : `${duration(ms)} after \u203a`;
  return [s("text", { class: isBefore ? "away first" : "away last", x: isBefore ? "4" : "100%", y: "4" }, text)];
}
