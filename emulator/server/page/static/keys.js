// Single keys, outside fields only, and their list.

import { h, put } from "./dom.js";

const KEYS = [
  ["j k", "next, previous row"],
  ["Enter", "open or close it"],
  ["[ ]", "attempt before, after"],
  ["/", "filter; Escape leaves it"],
  ["space", "pause"],
  ["g, then n r t v s", "Now, Rules, Tables, Verdicts, Sandboxes"],
  ["c y f", "of an open row: copy curl, copy address, fail the next one like this"],
  ["?", "this list"],
];

export function showKeys(dialog, acts) {
  put(dialog, h("h2", {}, "Keys"), h("dl", { class: "keys" }, KEYS.map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])), h("form", { method: "dialog" }, h("button", { onclick: (event) => (event.preventDefault(), dialog.close()) }, "Close")));
  let going = false;
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest("input[type=text], textarea, select, input[type=password], input:not([type])")) {
      if (event.key === "Escape" && target.id === "filter") acts.leave();
      return;
    }
    if (target.role === "tab" && arrows(event, target, acts)) return;
    if (dialog.open) return;
    if (going) {
      going = false;
      const tab = acts.tabs.find((name) => name[0] === event.key);
      if (tab) acts.go(tab);
      return;
    }
    const act = {
      j: () => acts.step(1),
      k: () => acts.step(-1),
      "[": () => acts.attempt(-1),
      "]": () => acts.attempt(1),
      "/": acts.filter,
      "?": () => dialog.showModal(),
      g: () => (going = true),
      c: () => acts.press("c"),
      y: () => acts.press("y"),
      f: () => acts.press("f"),
      // A button, a switch and a row have their own use for it
      " ": target.closest("button, summary, a, [role=switch]") ? null : acts.pause,
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function arrows(event, tab, acts) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return false;
  const tabs = [...tab.parentElement.children];
  const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
  acts.go(next.dataset.go);
  next.focus();
  event.preventDefault();
  return true;
}
