// The rules: switches and counts, one for once in two clicks, and one written in YAML.

import { ask } from "./api.js";
import { h, put } from "./dom.js";
import { Editor } from "./editor.js";

const FAULTS = {
  throttling: "ThrottlingException",
  "throughput exceeded": "ProvisionedThroughputExceededException",
  "server error": "InternalServerError",
  "a lost answer": { connection: "reset", applied: true },
  "a reset connection": { connection: "reset" },
  "no answer": { connection: "hang" },
  "2 s of delay": { delay: "2s" },
  "access denied": "AccessDeniedException",
};
const OPERATIONS = ["PutItem", "GetItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchWriteItem", "BatchGetItem", "TransactWriteItems", "TransactGetItems"];
const EXAMPLE = "name: my-rule\nwhen: {operation: PutItem, attempt: 1..2}\nfault: ThrottlingException\n";

export class Rules {
  constructor(place, said) {
    this.place = place;
    this.said = said;
    this.state = { rules: [], rule_count: 0 };
    this.rows = new Map();
    this.names = "";
    this.operation = h("select", { "aria-label": "Operation", class: "span" });
    this.table = h("select", { "aria-label": "Table", class: "span" });
    this.fault = h("select", { "aria-label": "Fault" }, Object.keys(FAULTS).map((name) => h("option", {}, name)));
    this.add = h("button", { class: "main", disabled: true, onclick: () => this.addRule() }, "Add it");
    this.editor = new Editor("Rule in YAML", () => "of=rule&file=%3Crule%3E", (isRight) => (this.add.disabled = !isRight));
    this.form = h("div", { class: "adding", hidden: true }, this.editor.el, h("p", { class: "acts" }, this.add, h("button", { onclick: () => this.toggle(false) }, "Cancel")));
    this.opener = h("button", { "aria-expanded": "false", onclick: () => this.toggle(this.form.hidden) }, "Add a rule");
    this.list = h("div", { class: "rules" });
    this.told = h("p", { class: "bad", role: "alert" });
    const once = h("div", { class: "once" }, h("span", {}, "Once, the next"), this.operation, h("span", {}, "on"), this.table, h("span", {}, "fails with"), this.fault, h("button", { class: "main", onclick: () => this.arm() }, "Arm"));
    put(place, h("div", { class: "head" }, h("h2", {}, "Rules"), this.opener), once, this.form, this.told, this.list, h("p", { class: "soft" }, "Counts: fired of matched. A switch acts on the next request."));
    this.offer([], []);
  }

  toggle(isOpen) {
    this.form.hidden = !isOpen;
    this.opener.setAttribute("aria-expanded", String(isOpen));
    if (isOpen && !this.editor.value) {
      this.editor.value = EXAMPLE;
      this.editor.check();
    }
    if (isOpen) {
      this.editor.fit();
      this.editor.text.focus();
    }
  }

  // Operations and tables that there are to choose from
  offer(operations, tables) {
    choose(this.operation, [...new Set([...operations, ...OPERATIONS])]);
    choose(this.table, ["any table", ...tables]);
  }

  async arm(operation = this.operation.value, table = this.table.value, fault = this.fault.value) {
    const when = { operation };
    if (table && table !== "any table") when.table = table.replace(/[[\]*?]/g, "?");
    const taken = new Set(this.state.rules.map((rule) => rule.name));
    let number = 1;
    while (taken.has(`once-${number}`)) number += 1;
    await this.attempt(() => ask("POST", "rules", { name: `once-${number}`, when, limit: 1, fault: FAULTS[fault] }));
    this.said(`armed: the next ${operation}${when.table ? ` on ${table}` : ""} fails with ${fault}`);
  }

  async addRule() {
    try {
      await ask("POST", "page/rules", `${this.editor.value}\n`);
      this.editor.value = "";
      this.toggle(false);
    } catch (error) {
      this.editor.refuse(error);
    }
  }

  async attempt(act) {
    this.told.textContent = "";
    try {
      await act();
    } catch (error) {
      this.told.textContent = error.message;
      return false;
    }
    return true;
  }

  show(state) {
    this.state = state;
    const names = JSON.stringify(state.rules.map((rule) => rule.name));
    if (names !== this.names) {
      this.names = names;
      this.rows = new Map(state.rules.map((rule) => [rule.name, this.row(rule)]));
      const more = state.rule_count - state.rules.length;
      put(this.list, [...this.rows.values()].map((row) => row.el), more > 0 && h("p", { class: "soft" }, `and ${more} more`), state.rules.length === 0 && h("p", { class: "soft" }, "None: a healthy DynamoDB. Arm one for once, and see what your program does."));
    }
    for (const rule of state.rules) {
      const row = this.rows.get(rule.name);
      if (row.box !== document.activeElement || !row.busy) row.box.checked = rule.enabled;
      row.el.classList.toggle("off", !rule.enabled);
      const count = `${rule.fired.toLocaleString("en")} of ${rule.matched.toLocaleString("en")}`;
      if (row.count.textContent !== count) row.count.textContent = count;
      if (row.sentence.textContent !== rule.sentence) row.sentence.textContent = rule.sentence;
    }
  }

  row(rule) {
    const row = { busy: false };
    row.box = h("input", { type: "checkbox", role: "switch", onchange: () => this.flip(rule.name, row) });
    row.count = h("span", { class: "count" });
    row.sentence = h("p", {}, rule.sentence);
    const remove = h("button", { class: "small", title: `Remove ${rule.name}`, "aria-label": `Remove ${rule.name}`, onclick: () => this.attempt(() => ask("DELETE", `rules/${encodeURIComponent(rule.name)}`)) }, "\u2715");
    row.el = h("div", { class: "rule", "data-rule": rule.name, title: rule.where }, h("label", { class: "sw" }, h("b", {}, rule.name), row.box), row.sentence, h("span", { class: "count" }, row.count, " ", remove));
    return row;
  }

  async flip(name, row) {
    const wanted = row.box.checked;
    row.busy = true;
    const done = await this.attempt(() => ask("PATCH", `rules/${encodeURIComponent(name)}`, { enabled: wanted }));
    row.busy = false;
    if (!done) row.box.checked = !wanted;
  }
}

function choose(select, names) {
  const wanted = names.join("\n");
  if (select.dataset.names === wanted) return;
  select.dataset.names = wanted;
  const was = select.value;
  put(select, names.map((name) => h("option", {}, name)));
  if (names.includes(was)) select.value = was;
}
