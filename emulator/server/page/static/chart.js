// The head of the list: requests over time, in the legend's order, with phases and ticks, on the same clock as the rows.

import { FATES, endOf, first } from "./calls.js";
import { ticks } from "./clock.js";
import { h, put, s } from "./dom.js";

const HEIGHT = 42;
const MAX_CALL = 60000;

export function drawHead(calls, clock, place) {
  const bins = Math.max(20, Math.min(90, Math.floor(place.chart.clientWidth / 9)));
  const counts = Array.from({ length: bins }, () => new Map());
  const wide = clock.span / bins;
  for (let at = calls.list.length - 1; at >= 0; at--) {
    const call = calls.list[at];
    if (first(call).at < clock.start - MAX_CALL) break;
    for (const row of call.attempts) {
      const bin = Math.floor((endOf(row) - clock.start) / wide);
      if (bin >= 0 && bin < bins) counts[bin].set(row.fate, (counts[bin].get(row.fate) || 0) + 1);
    }
  }
  put(place.chart, bars(counts, wide), now(clock));
  place.chart.setAttribute("aria-label", spoken(counts, clock));
  drawTicks(clock, place.ticks);
}

function bars(counts, wide) {
  const most = Math.max(4, ...counts.map((bin) => [...bin.values()].reduce((a, b) => a + b, 0)));
  const width = 100 / counts.length;
  const found = [];
  counts.forEach((bin, index) => {
    let y = HEIGHT;
    const told = FATES.filter((fate) => bin.has(fate)).map((fate) => `${bin.get(fate)} ${fate}`);
    if (!told.length) return;
    const group = s("g", {}, s("title", {}, `${((index * wide) / 1000).toFixed(1)} s: ${told.join(", ")}`));
    for (const fate of FATES) {
      if (!bin.has(fate)) continue;
      const tall = Math.max(2, (bin.get(fate) / most) * HEIGHT);
      y -= tall;
      group.append(s("rect", { class: `fate-${fate}`, x: `${(index * width + width * 0.08).toFixed(2)}%`, width: `${(width * 0.84).toFixed(2)}%`, y: Math.max(0, y).toFixed(1), height: Math.max(1, tall - 1).toFixed(1) }));
    }
    found.push(group);
  });
  return found;
}

function now(clock) {
  const x = clock.at(clock.present());
  return x >= 0 && x <= 100 ? s("line", { class: "now", x1: `${x.toFixed(2)}%`, x2: `${x.toFixed(2)}%`, y1: 0, y2: HEIGHT }) : null;
}

function spoken(counts, clock) {
  const totals = new Map();
  for (const bin of counts) for (const [fate, count] of bin) totals.set(fate, (totals.get(fate) || 0) + count);
  const told = FATES.filter((fate) => totals.has(fate)).map((fate) => `${totals.get(fate)} ${fate}`);
  return `Requests of ${(clock.span / 1000).toFixed(0)} seconds: ${told.join(", ") || "none"}`;
}

function drawTicks(clock, place) {
  const step = ticks(clock.span);
  const found = [];
  for (let at = Math.ceil(clock.start / step) * step; at < clock.start + clock.span * 0.97; at += step) {
    const x = `${clock.at(at).toFixed(2)}%`;
    found.push(s("line", { x1: x, x2: x, y1: 0, y2: 4 }), s("text", { x, y: 15, class: clock.at(at) < 2 ? "first" : null }, named(at)));
  }
  put(place, found);
}

function named(ms) {
  const seconds = ms / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(3))} s`;
  const rest = Math.round(seconds % 60);
  return `${Math.floor(seconds / 60)}:${String(rest).padStart(2, "0")}`;
}

// Phases that have begun, as bands: {name, at}
export function drawPhases(place, phases, clock) {
  put(
    place,
    phases.map((phase, index) => {
      const from = Math.max(0, clock.at(phase.at));
      const to = Math.min(100, index + 1 < phases.length ? clock.at(phases[index + 1].at) : 100);
      if (to <= from) return null;
      const band = h("span", { class: index % 2 ? "odd" : null, title: phase.name }, phase.name ?? "no phase");
      band.style.left = `${from}%`;
      band.style.width = `${to - from}%`;
      return band;
    }),
  );
}
