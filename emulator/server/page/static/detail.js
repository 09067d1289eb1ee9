// A row that is open: the story, its attempts, both messages, why each rule fired or did not, and curl to repeat it.

import { ask } from "./api.js";
import { applied, first, last } from "./calls.js";
import { bytes, copied, duration, glyph, h, put } from "./dom.js";

// Of a longer message only the beginning is shown
const LONGEST = 100000;

export function openRow(call, el, acts) {
  let body = el.querySelector(":scope > div");
  if (!body) {
    body = h("div", { class: "open" });
    el.append(body);
  }
  call.chosen ??= worst(call);
  show(call, body, acts);
}

// The attempt that is worth looking at first: what was lost, then what failed
function worst(call) {
  const order = ["lost", "cut", "half", "failed", "throttled", "refused", "stale", "delayed", "ok", "pending"];
  return [...call.attempts].sort((a, b) => order.indexOf(a.fate) - order.indexOf(b.fate))[0].id;
}

async function show(call, body, acts) {
  const id = call.chosen;
  let detail = null;
  let trouble = "";
  try {
    detail = await ask("GET", `page/rows/${id}`);
  } catch (error) {
    trouble = error.message;
  }
  if (call.chosen !== id) return;
  const held = body.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  put(body, h("p", { class: "story" }, whole(call), detail ? detail.story : trouble), tries(call, body, acts), detail && filled(call, detail, acts));
  if (held) body.querySelector(`[data-key="${held}"]`)?.focus();
}

function whole(call) {
  const times = applied(call);
  if (times > 1) return h("b", {}, `This call was carried out ${times} times. `);
  return null;
}

function tries(call, body, acts) {
  const found = [];
  call.attempts.forEach((row, index) => {
    const before = call.attempts[index - 1];
    if (before && before.took !== null) found.push(h("span", { class: "soft" }, `${duration(row.at - before.at - before.took)} wait`));
    const press = () => {
      call.chosen = row.id;
      show(call, body, acts);
    };
    const title = h("span", { class: "soft" }, duration(row.took));
    found.push(h("button", { "aria-pressed": String(row.id === call.chosen), onclick: press, "data-key": `try-${index}`, "data-try": index }, glyph(row.fate), h("b", {}, `${index + 1} `), `${row.told || row.error || row.fate} `, title));
  });
  if (call.more) found.push(h("span", { class: "soft" }, `and ${call.more} more, of which the last is shown`));
  return h("div", { class: "tries", role: "group", "aria-label": "Attempts" }, found);
}

function filled(call, detail, acts) {
  const row = detail.row;
  const request = detail.request;
  const answer = detail.response;
  return [
    facts([
      ["key", row.key || "none", true],
      ["applied", appliedText(detail)],
      ["plan", detail.plan],
      ["arrived", `${(row.at / 1000).toFixed(3)} s after the start`],
      ["client", row.client || "unnamed"],
      ["fault", row.fault || "none"],
      ...(detail.upstream ? [["upstream", `${detail.upstream.how} after ${duration(detail.upstream.duration_ms)}`]] : []),
      ["call", call.id, true],
      ["attempt, try", `${detail.attempt ?? "?"}, ${detail.try ?? "cannot be told"}`],
      ["region", detail.region],
    ]),
    h(
      "div",
      { class: "pair" },
      h("section", {}, h("h4", {}, "Request ", h("span", { class: "soft" }, bytes(request.size))), h("pre", {}, formatted(request.body))),
      h("section", {}, h("h4", {}, `Answer ${answer.status} `, h("span", { class: "soft" }, answerNote(detail))), h("pre", { class: answer.left ? null : "ghost" }, formatted(answer.body))),
    ),
    h("details", { class: "sub" }, h("summary", { "data-key": "headers" }, `Headers `, h("span", { class: "soft" }, `${Object.keys(request.headers).length} sent, ${Object.keys(answer.headers).length} back`)), h("div", { class: "pair" }, h("pre", {}, `${request.method} ${request.target}\n`, headerText(request.headers)), h("pre", {}, headerText(answer.headers)))),
    h("h4", {}, "Why"),
    why(detail),
    h("h4", {}, "Repeat it"),
    h("pre", {}, detail.curl),
    buttons(call, detail, acts),
  ];
}

function facts(pairs) {
  return h("dl", { class: "facts" }, pairs.map(([name, value, mono]) => h("div", {}, h("dt", {}, name), h("dd", { class: mono ? "m" : null }, value))));
}

function appliedText(detail) {
  const words = { true: "yes", false: "no", unknown: "not known", null: "writes nothing" };
  const items = Object.entries(detail.written?.items || {}).map(([table, keys]) => `${table} ${keys.map((key) => JSON.stringify(key)).join(", ")}`);
  return `${words[String(detail.applied)]}${items.length ? `: ${items.join("; ").slice(0, 300)}` : ""}${detail.written?.replayed ? ", answered from the token" : ""}`;
}

function answerNote(detail) {
  const answer = detail.response;
  if (!answer.left) return detail.delivery === "pending" ? "on its way" : "never sent; this is what it would have been";
  return `${bytes(answer.size)}, ${detail.delivery}`;
}

function formatted(body) {
  const text = typeof body === "string" ? body : JSON.stringify(body, null, 2);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}\n... and ${(text.length - LONGEST).toLocaleString("en")} characters more` : text || "(empty)";
}

const headerText = (headers) => Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n");

function why(detail) {
  if (!detail.rules.length) return h("p", { class: "soft" }, detail.rule ? "Its rule is no longer there." : "No rule was asked: there is none, or the request was refused before.");
  return h("ul", { class: "why" }, detail.rules.map((rule) => h("li", { class: rule.fired ? "yes" : null }, h("span", {}, rule.fired ? "\u2713" : "\u2013"), h("b", {}, rule.rule), ` ${rule.fired ? "fired" : reason(rule)}`)));
}

function reason(rule) {
  const found = rule.differences.map((one) => `${one.key} is ${one.seen || "none"}, not ${one.wanted}`);
  return found.length ? `did not fire: ${found.join("; ")}` : rule.why;
}

function buttons(call, detail, acts) {
  const copyCurl = (event) => copied(event.currentTarget, detail.curl);
  const copyAddress = (event) => copied(event.currentTarget, acts.address(call));
  const fail = () => acts.failNext(call);
  return h(
    "p",
    { class: "acts" },
    h("button", { onclick: copyCurl, "data-key": "c" }, "Copy curl ", h("kbd", {}, "c")),
    h("button", { onclick: copyAddress, "data-key": "y" }, "Copy address ", h("kbd", {}, "y")),
    h("button", { onclick: fail, "data-key": "f" }, "Fail the next one like this ", h("kbd", {}, "f")),
    h("a", { href: `journal/${detail.id}`, class: "m" }, `/_emulator/journal/${detail.id}`),
  );
}

export const pressed = (el, key) => el.querySelector(`button[data-key="${key}"]`)?.click();
export const chosenTry = (call, by) => Math.max(0, Math.min(call.attempts.length - 1, call.attempts.findIndex((row) => row.id === call.chosen) + by));
export const isOver = (call) => last(call).took !== null && first(call) !== undefined;
