// What may be reset by itself, asked once in place.

import { ask } from "./api.js";
import { h, put } from "./dom.js";

const PARTS = [
  ["journal", "Journal", "every request that is listed here"],
  ["counters", "Counters", "what the rules have counted, and the scenario's time"],
  ["data", "Data", "all items and tables but the scenario's own, which come back as they were"],
];

export class Resetting {
  constructor(button, menu, said) {
    this.button = button;
    this.menu = menu;
    this.said = said;
    button.addEventListener("click", () => this.toggle(menu.hidden));
    put(
      menu,
      h("span", {}, "Start afresh: "),
      PARTS.map(([what, name, lost]) => h("button", { title: `What is lost: ${lost}`, onclick: (event) => this.sure(event, what, name, lost) }, name)),
      h("button", { onclick: () => this.toggle(false) }, "Cancel"),
    );
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.toggle(false);
      button.focus();
    });
  }

  toggle(isOpen) {
    this.menu.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.menu.querySelector("button").focus();
  }

  sure(event, what, name, lost) {
    const button = event.currentTarget;
    if (!button.dataset.sure) {
      button.dataset.sure = "yes";
      button.textContent = `Really? Lost: ${lost}`;
      button.addEventListener("blur", () => {
        delete button.dataset.sure;
        button.textContent = name;
      }, { once: true });
      return;
    }
    ask("POST", "reset", { what: [what] }).then(() => this.said(`${name.toLowerCase()} reset`), (error) => this.said(error.message));
    this.toggle(false);
  }
}
