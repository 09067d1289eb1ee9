// The page: hears the stream, keeps the views up to date, and knows the keys.

import { ApiError, ask } from "./api.js";
import { Calls, FATES, first, last } from "./calls.js";
import { drawHead, drawPhases } from "./chart.js";
import { OneClock } from "./clock.js";
import { Connection } from "./connection.js";
import { chosenTry, openRow, pressed } from "./detail.js";
import { byId, h, put } from "./dom.js";
import { meant, parsed } from "./filter.js";
import { showEmpty, showHead } from "./head.js";
import { showKeys } from "./keys.js";
import { RowList } from "./list.js";
import { Resetting } from "./resetting.js";
import { Rules } from "./rules.js";
import { Sandboxes } from "./sandboxes.js";
import { ScenarioText } from "./scenario.js";
import { Tables } from "./tables.js";
import { Verdicts } from "./verdicts.js";

const TABS = ["now", "rules", "tables", "verdicts", "sandboxes"];
const TICK = 250;
const MAX_HELD = 20000;

const calls = new Calls();
const clock = new OneClock();
const off = new Set();
const view = { clock, width: 500, own: false, flags: new Map() };
let filter = parsed("");
let paused = null;
let state = null;
let wish = null;

const acts = {
  address: (call) => `${location.origin}${location.pathname}#call=${encodeURIComponent(call.id)}`,
  failNext: (call) => rules.arm(first(call).operation, first(call).tables[0] ?? "any table", "throttling"),
};
const list = new RowList(byId("rows"), view, opened, (text) => {
  byId("newer").hidden = !text;
  byId("newer").textContent = text;
});
const rules = new Rules(byId("rules"), say);
const scenario = new ScenarioText(byId("scenario"));
const tables = new Tables(byId("tables"), say);
const sandboxes = new Sandboxes(byId("sandboxes"), (count) => (byId("sandbox-count").textContent = count ?? ""));
const verdicts = new Verdicts(byId("verdicts"), badge, (id) => calls.byId.get(id));
const connection = new Connection(catchUp, heard);
new Resetting(byId("reset"), byId("reset-menu"), say);

// --- what comes

function fits(call) {
  return filter.holds(call) && (off.size === 0 || call.attempts.some((row) => !off.has(row.fate)));
}

function take(rows, missed) {
  calls.missed += missed;
  const fresh = [];
  let isMixed = false;
  for (const call of calls.take(rows)) {
    const fit = fits(call);
    if (call.fits === undefined && fit) fresh.push(call);
    else if (call.fits !== undefined && call.fits !== fit) isMixed = true;
    call.fits = fit;
    if (call.el?.open && fit && call.attempts.length !== call.told) refreshOpen(call);
  }
  clock.began = calls.list.length ? first(calls.list[0]).at : 0;
  if (isMixed) list.replace(calls.list.filter((call) => call.fits));
  else list.append(fresh);
  if (calls.shorten()) list.forget();
  offer();
  reveal();
}

function refreshOpen(call) {
  call.told = call.attempts.length;
  openRow(call, call.el, acts);
}

function opened(call, el) {
  call.told = call.attempts.length;
  openRow(call, el, acts);
  history.replaceState(null, "", acts.address(call));
}

function heard(event, data) {
  if (event === "rows") {
    clock.hear(data.now);
    if (paused) hold(data);
    else take(data.rows, data.missed);
  } else if (event === "state") showState(data);
}

function hold(data) {
  paused.rows.push(...data.rows);
  paused.missed += data.missed;
  if (paused.rows.length > MAX_HELD) paused.missed += paused.rows.splice(0, paused.rows.length - MAX_HELD).length;
  put(byId("pause"), `Go on, ${paused.rows.length.toLocaleString("en")} wait `, h("kbd", {}, "space"));
}

function showState(data) {
  const isOther = state !== null && (state.run !== data.run || state.scenario !== data.scenario);
  const isCleared = state !== null && data.exchanges < state.exchanges && data.dropped <= state.dropped;
  state = data;
  rules.show(data);
  byId("rule-count").textContent = data.rule_count || "";
  if (isCleared) start();
  if (isOther || scenario.files.length === 0) scenario.refresh().catch(failed);
}

// --- what is shown

function tick() {
  if (!connection.isLive && !calls.list.length) return;
  showHead(state, calls);
  if (document.hidden) return;
  if (!paused) clock.turn();
  if (document.body.dataset.tab === "now") drawNow();
}

function drawNow() {
  drawHead(calls, clock, { chart: byId("chart"), ticks: byId("ticks") });
  drawPhases(byId("phases"), state?.begun ?? [], clock);
  for (const chip of document.querySelectorAll(".chip")) {
    const count = calls.counts[chip.dataset.fate].toLocaleString("en");
    if (chip.lastElementChild.textContent !== count) chip.lastElementChild.textContent = count;
  }
  const all = calls.list.length.toLocaleString("en");
  byId("matching").textContent = list.shown.length === calls.list.length ? all : `${list.shown.length.toLocaleString("en")} of ${all}`;
  list.render();
  showEmpty(list, calls, clearFilter);
}

function badge(found) {
  view.flags = verdicts.flags;
  byId("badge").hidden = !found.words;
  byId("badge").className = `badge ${found.fails || found.count ? "fail" : found.warn ? "warn" : "pass"}`;
  byId("badge").textContent = found.words;
  byId("verdict-count").textContent = found.count ? `${found.count} fail` : "";
}

let regions = "";
function offer() {
  const seen = calls.list.slice(-500);
  const operations = [...new Set(seen.map((call) => first(call).operation))].filter((name) => /^[A-Za-z]+$/.test(name));
  const names = [...new Set(seen.flatMap((call) => first(call).tables))].sort();
  const region = seen.length ? first(seen[seen.length - 1]).region : "";
  if (region && !regions) tables.region = regions = region;
  rules.offer(operations, names);
}

function say(text) {
  byId("filter-said").textContent = text;
}

function failed(error) {
  if (error instanceof ApiError && error.status === 401) return connection.wantToken();
  say(error.message);
}

// --- connection

function start() {
  calls.clear();
  list.open.clear();
  list.replace([]);
}

// What has come before the page, or while it heard nothing, by number; a number that is lower than before is another emulator
async function catchUp() {
  const found = await ask("GET", `page/rows?after=${calls.last}`);
  clock.hear(found.now);
  if (calls.list.length && found.now < last(calls.list[calls.list.length - 1]).at) {
    start();
    return catchUp();
  }
  if (paused) hold(found);
  else take(found.rows, found.missed);
}

async function judge() {
  let wait = 2;
  try {
    if (connection.isLive && !document.hidden) wait = Math.max(2, await verdicts.refresh());
  } catch {
    // The stream says that nobody answers
  }
  setTimeout(judge, wait * 1000);
}

// --- views

export function go(tab) {
  document.body.dataset.tab = tab;
  for (const one of document.querySelectorAll("main > [data-on], .rail > [data-on]")) one.hidden = !one.dataset.on.split(" ").includes(tab);
  for (const one of document.querySelectorAll("[role=tab]")) {
    one.ariaSelected = String(one.dataset.go === tab);
    one.tabIndex = one.dataset.go === tab ? 0 : -1;
  }
  if (tab === "tables") tables.refresh().catch(failed);
  if (tab === "sandboxes") sandboxes.refresh().catch(failed);
  if (tab === "rules") {
    scenario.refresh().then(() => scenario.editor.fit(), failed);
  }
  if (tab === "now") tick();
}

function applyFilter() {
  filter = parsed(byId("filter").value);
  for (const call of calls.list) call.fits = fits(call);
  list.replace(calls.list.filter((call) => call.fits));
  const strange = filter.unknown[0];
  const near = strange && meant(strange);
  byId("filter").setAttribute("aria-invalid", String(Boolean(strange)));
  say(strange ? `'${strange}' is no word of the filter${near ? `; did you mean '${near}'?` : ""}` : "");
  tick();
}

function clearFilter() {
  byId("filter").value = "";
  off.clear();
  for (const chip of document.querySelectorAll(".chip")) chip.ariaPressed = "true";
  applyFilter();
}

function togglePause() {
  if (paused) {
    const held = paused;
    paused = null;
    take(held.rows, held.missed);
  } else paused = { rows: [], missed: 0 };
  byId("pause").ariaPressed = String(paused !== null);
  put(byId("pause"), paused ? "Go on " : "Pause ", h("kbd", {}, "space"));
  tick();
}

function named(hash) {
  try {
    return hash.split("=").map(decodeURIComponent);
  } catch {
    // Half of an escape is no name of anything
    return [];
  }
}

// The address names what is looked at: #call=ID, #verdict=ID, #tab=NAME, #filter=LINE
function readAddress() {
  const [what, value] = named(location.hash.slice(1));
  if (what === "tab" && TABS.includes(value)) go(value);
  else if (what === "verdict") {
    go("verdicts");
    document.querySelector(`[data-verdict="${CSS.escape(value)}"]`)?.scrollIntoView({ block: "center" });
  } else if (what === "filter") {
    go("now");
    byId("filter").value = value;
    applyFilter();
  } else if (what === "call") {
    go("now");
    wish = value;
    reveal();
    if (wish && connection.isLive) say(`call ${value} is not among the latest that are kept here; the journal may have it`);
  }
}

function reveal() {
  const call = wish && calls.byId.get(wish);
  if (!call) return;
  wish = null;
  if (!call.fits) clearFilter();
  list.show(call, { open: true });
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-go], [data-advance], .chip");
  if (!target) return;
  if (target.dataset.go) go(target.dataset.go);
  if (target.dataset.advance) ask("POST", "clock", { advance_s: Number(target.dataset.advance) }).catch(failed);
  if (target.classList.contains("chip")) {
    const isOff = target.ariaPressed === "true";
    target.ariaPressed = String(!isOff);
    if (isOff) off.add(target.dataset.fate);
    else off.delete(target.dataset.fate);
    applyFilter();
  }
});
addEventListener("hashchange", readAddress);
byId("filter").addEventListener("input", applyFilter);
byId("pause").addEventListener("click", togglePause);
byId("newer").addEventListener("click", () => list.toEnd());
byId("window").addEventListener("change", (event) => {
  clock.length = Number(event.target.value);
  clock.start = clock.length ? Math.max(0, clock.present() - clock.length / 2) : clock.began;
  tick();
});
for (const [id, own] of [["one-clock", false], ["own-scale", true]]) {
  byId(id).addEventListener("click", () => {
    view.own = own;
    byId("one-clock").ariaPressed = String(!own);
    byId("own-scale").ariaPressed = String(own);
    byId("calls").classList.toggle("own", own);
    tick();
  });
}
byId("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
});

showKeys(byId("keys"), {
  go,
  tabs: TABS,
  step: (by) => list.step(by),
  attempt: (by) => {
    const el = document.activeElement.closest?.(".call[open]");
    el?.querySelectorAll(".tries button")[chosenTry(el.call, by)]?.click();
  },
  filter: () => byId("filter").focus(),
  leave: () => byId("filter").blur(),
  pause: togglePause,
  press: (key) => {
    const el = document.activeElement.closest?.(".call[open]");
    if (el) pressed(el, key);
  },
});

function begin() {
  connection.open();
  if (!sandboxes.inside) ask("GET", "sandboxes").then((found) => (byId("sandbox-count").textContent = found.sandboxes.length || ""), () => {});
}

for (const fate of FATES) calls.counts[fate] ??= 0;
setInterval(tick, TICK);
readAddress();
begin();
judge();
