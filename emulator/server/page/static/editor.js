// A text in YAML, with the checker's marks under the place that is wrong: used for a rule and for a scenario.

import { ask } from "./api.js";
import { h, put, s } from "./dom.js";

const PAUSE = 250;

export class Editor {
  // `query` names what is checked; `told(isRight, text)` hears after each check
  constructor(label, query, told) {
    this.query = query;
    this.told = told;
    this.marks = h("pre", { class: "marks", "aria-hidden": "true" });
    this.text = h("textarea", { "aria-label": label, spellcheck: "false", autocapitalize: "off", rows: 3, oninput: () => this.changed() });
    this.text.addEventListener("keydown", (event) => this.indent(event));
    this.said = h("div", { class: "said", role: "status" });
    this.el = h("div", { class: "editor" }, this.said, h("div", { class: "sheet" }, this.marks, this.text));
    this.serial = 0;
  }

  get value() {
    return this.text.value;
  }

  set value(text) {
    this.text.value = text;
    this.draw([]);
    put(this.said);
    this.fit();
  }

  // Two blanks for Tab within a line; Escape gives Tab back to the browser for once
  indent(event) {
    if (event.key === "Escape") this.released = true;
    else if (event.key === "Tab" && !this.released && !event.shiftKey) {
      event.preventDefault();
      this.text.setRangeText("  ", this.text.selectionStart, this.text.selectionEnd, "end");
      this.changed();
    } else if (event.key !== "Shift") this.released = false;
  }

  changed() {
    this.draw([]);
    this.fit();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), PAUSE);
  }

  fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight + 2}px`;
  }

  async check() {
    const serial = ++this.serial;
    const text = this.value;
    if (!text.trim()) {
      put(this.said);
      return this.told(false, text);
    }
    let found;
    try {
      found = await ask("POST", `page/check?${this.query()}`, text.endsWith("\n") ? text : `${text}\n`);
    } catch (error) {
      return this.refuse(error);
    }
    if (serial !== this.serial) return;
    this.show(found.problems, found.warnings);
    this.told(found.problems.length === 0, text);
  }

  refuse(error) {
    this.show(error.problems || [], []);
    if (!error.problems?.length) put(this.said, h("p", { class: "says" }, h("b", {}, error.message)));
  }

  show(problems, warnings) {
    this.draw([...problems, ...warnings]);
    put(
      this.said,
      problems.map((one) => this.line(one, "says")),
      warnings.map((one) => this.line(one, "says warn")),
      problems.length > 0 && h("p", { class: "soft" }, "Nothing was loaded: the rules that run are those from before."),
    );
  }

  line(problem, style) {
    const go = () => this.goTo(problem);
    const fix = /did you mean '?([\w.-]+)'?/.exec(`${problem.hint} ${problem.message}`);
    return h(
      "p",
      { class: style },
      h("button", { class: "link", onclick: go }, `${problem.line}:${problem.column}`),
      " ",
      h("b", {}, problem.message),
      problem.hint && `; ${problem.hint} `,
      fix && h("button", { onclick: () => this.fix(problem, fix[1]) }, "Fix"),
    );
  }

  place(problem) {
    const lines = this.value.split("\n");
    const start = lines.slice(0, problem.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
    const from = start + Math.min(problem.column - 1, (lines[problem.line - 1] || "").length);
    const word = /^[\w.-]+|^\S/.exec(this.value.slice(from));
    return [from, from + (word ? word[0].length : 0)];
  }

  goTo(problem) {
    const [from, to] = this.place(problem);
    this.text.focus();
    this.text.setSelectionRange(from, to);
  }

  fix(problem, word) {
    const [from, to] = this.place(problem);
    this.text.setRangeText(word, from, to, "end");
    this.text.focus();
    this.changed();
  }

  // The same text behind the text, seen only where it is underlined
  draw(problems) {
    const places = problems.map((one) => [...this.place(one), one]).sort((a, b) => a[0] - b[0]);
    const found = [];
    let at = 0;
    for (const [from, to, one] of places) {
      if (from < at) continue;
      const end = Math.max(to, from + 1);
      found.push(this.value.slice(at, from), h("u", { "data-line": one.line, "data-column": one.column, class: problems.includes(one) ? "" : null }, this.value.slice(from, end) || " "));
      at = end;
    }
    put(this.marks, [...found, this.value.slice(at), "\n"]);
  }
}
