// The verdicts as they stand: what complains in full, what passed by its number.

import { ask } from "./api.js";
import { first } from "./calls.js";
import { h, put } from "./dom.js";
import { address, word } from "./filter.js";

const SIGNS = { fail: "\u2715", warn: "!", info: "i", pass: "\u2713" };
const MAX_LINKS = 6;

export class Verdicts {
  // `find` answers a call by its id, where the page knows it
  constructor(place, told, find) {
    this.place = place;
    this.told = told;
    this.find = find;
    this.known = new Map();
    this.flags = new Map();
    this.seen = "";
  }

  // Asks, and answers how many seconds to wait before asking again makes sense
  async refresh() {
    const found = await ask("GET", "page/verdicts");
    const { wait, ...rest } = found;
    const text = JSON.stringify(rest);
    if (text !== this.seen) {
      this.seen = text;
      this.show(rest);
    }
    return wait;
  }

  show(found) {
    const complaints = found.audit.filter((one) => ["fail", "warn", "info"].includes(one.status));
    const unmet = found.expectations.filter((one) => one.status === "fail");
    const order = ["fail", "warn", "info"];
    complaints.sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
    this.flags = new Map();
    for (const one of complaints) if (one.status !== "info") for (const call of one.calls) this.flags.set(call, [...(this.flags.get(call) || []), one.id]);
    const passed = found.audit.filter((one) => one.status === "pass");
    const met = found.expectations.filter((one) => one.status === "pass");
    const count = (status) => found.audit.filter((one) => one.status === status).length + (status === "fail" ? unmet.length : 0);
    const words = ["fail", "warn", "info", "pass"].filter(count).map((status) => `${count(status)} ${status}`);
    put(
      this.place,
      h("div", { class: "head" }, h("h2", {}, "Verdicts"), h("span", { class: "soft" }, words.join(", ") || "nothing to judge yet")),
      unmet.map((one) => this.finding("fail", one.where, one.text, one.why, "", one.calls)),
      complaints.map((one) => this.finding(one.status, one.id, one.title, one.why, one.advice, one.calls, this.isNew(one))),
      met.length > 0 && this.finding("pass", "", "", `${met.length} of ${found.expectations.length} expectations hold`, "", []),
      passed.length > 0 && h("div", { class: "finding" }, status("pass"), h("p", { class: "soft" }, passed.map((one) => h("span", { title: `${one.title}: ${one.why}` }, `${one.id} `)))),
    );
    this.known = new Map(complaints.map((one) => [one.id, one.status]));
    this.told({ fails: found.verdict === "fail", count: count("fail"), warn: count("warn"), words: words[0] || "" });
  }

  finding(state, id, title, why, advice, calls, isNew = false) {
    const links = calls.slice(0, MAX_LINKS).map((call, index) => [index ? ", " : "", this.link(call)]);
    return h(
      "div",
      { class: `finding${isNew ? " new" : ""}`, "data-verdict": id },
      status(state),
      h(
        "div",
        {},
        (id || title) && h("p", {}, h("b", {}, `${id} ${title}`)),
        h("p", {}, why),
        advice && h("p", { class: "soft" }, advice),
        calls.length > 0 && h("p", { class: "soft" }, "Calls: ", links, calls.length > MAX_LINKS && ` and ${calls.length - MAX_LINKS} more`),
      ),
    );
  }

  // A call, and the item that it is about, which finds all that was asked of it
  link(id) {
    const known = this.find(id);
    const call = h("a", { class: "m", href: `#call=${encodeURIComponent(id)}` }, id.length > 16 ? id.slice(0, 8) : id);
    if (!known) return call;
    const row = first(known);
    const item = row.key && h("a", { href: address(word("table", row.tables[0] ?? ""), word("item", row.key)), title: "every call about this item" }, row.key);
    return h("span", { class: "told" }, call, ` ${row.operation} ${row.tables.join(", ")} `, item);
  }

  isNew(one) {
    return this.known.size > 0 && this.known.get(one.id) !== one.status;
  }
}

function status(name) {
  return h("span", { class: `status ${name}` }, `${SIGNS[name]} ${name}`);
}
