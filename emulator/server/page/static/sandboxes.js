// The sandboxes of the server, each with a page of its own.

import { ask } from "./api.js";
import { h, put } from "./dom.js";

export class Sandboxes {
  constructor(place, counted) {
    this.place = place;
    this.counted = counted;
    this.inside = /^(.*)\/sandbox\/([^/]+)\/_emulator\//.exec(location.pathname);
  }

  async refresh() {
    if (this.inside) return this.showInside();
    const { sandboxes } = await ask("GET", "sandboxes");
    this.counted(sandboxes.length);
    const base = location.pathname.replace(/\/_emulator\/.*$/, "");
    const row = (one) =>
      h(
        "tr",
        {},
        h("td", { "data-l": "name" }, h("a", { href: `${base}/sandbox/${encodeURIComponent(one.name)}/_emulator/` }, one.name)),
        h("td", { "data-l": "scenario" }, one.scenario || "none: a healthy DynamoDB"),
        h("td", { "data-l": "requests", class: "n" }, one.exchanges.toLocaleString("en")),
        h("td", { "data-l": "last used" }, since(one.idle_s)),
        h("td", {}, h("button", { "aria-label": `Drop ${one.name}`, onclick: (event) => this.drop(event, one) }, "Drop")),
      );
    put(
      this.place,
      h("div", { class: "head" }, h("h2", {}, "Sandboxes"), h("span", { class: "soft" }, "dropped after an idle hour")),
      h("p", { class: "soft" }, `A client whose endpoint is ${location.origin}${base}/sandbox/NAME has an emulator of its own.`),
      sandboxes.length > 0 && h("table", { class: "stack" }, h("thead", {}, h("tr", {}, ["name", "scenario", "requests", "last used", ""].map((name) => h("th", {}, name)))), h("tbody", {}, sandboxes.map(row))),
    );
  }

  showInside() {
    this.counted(null);
    put(this.place, h("h2", {}, `Sandbox ${decodeURIComponent(this.inside[2])}`), h("p", {}, h("a", { href: `${this.inside[1]}/_emulator/#tab=sandboxes` }, "All sandboxes"), " are on the page of the server."));
  }

  async drop(event, one) {
    const button = event.currentTarget;
    if (!button.dataset.sure) {
      button.dataset.sure = "yes";
      button.textContent = `Really drop ${one.exchanges.toLocaleString("en")} requests and all tables?`;
      return;
    }
    await ask("DELETE", `sandboxes/${encodeURIComponent(one.name)}`);
    await this.refresh();
  }
}

function since(seconds) {
  if (seconds < 5) return "now";
  return seconds < 90 ? `${Math.round(seconds)} s ago` : `${Math.round(seconds / 60)} min ago`;
}
