// The scenario as text: checked while it is written, loaded, and saved to its file where the server allows it.

import { ask } from "./api.js";
import { h, put } from "./dom.js";
import { Editor } from "./editor.js";

const EMPTY = "version: 1\nname: my scenario\nrules:\n  - name: throttled\n    when: {operation: PutItem, attempt: 1}\n    fault: ThrottlingException\n";

export class ScenarioText {
  constructor(place) {
    this.place = place;
    this.file = "<text>";
    this.files = [];
    this.original = "";
    this.editor = new Editor("Scenario in YAML", () => `file=${encodeURIComponent(this.file)}`, (isRight) => this.checked(isRight));
    this.choice = h("select", { "aria-label": "File", onchange: () => this.choose(this.choice.value) });
    this.edited = h("span", { class: "soft" });
    this.use = h("button", { onclick: () => this.send(false) }, "Load it");
    this.save = h("button", { class: "main", onclick: () => this.send(true) }, "Save");
    this.undo = h("button", { onclick: () => this.choose(this.file) }, "Undo");
    this.note = h("p", { class: "soft" });
    put(place, h("div", { class: "head wrap" }, h("h2", {}, "Scenario ", this.edited), h("span", { class: "acts" }, this.choice, this.undo, this.use, this.save)), this.note, this.editor.el);
  }

  get isEdited() {
    return this.editor.value !== this.original;
  }

  // Texts as they are on the server; what is being written here stays
  async refresh() {
    const found = await ask("GET", "page/scenario");
    this.take(found);
  }

  take(found) {
    const wasEdited = this.isEdited && this.files.length > 0;
    this.isHidden = found.hidden;
    this.files = found.files.length ? found.files : [{ file: "<text>", text: "", may_save: false }];
    put(this.choice, this.files.map((one) => h("option", {}, one.file)));
    this.choice.hidden = this.files.length < 2;
    if (!wasEdited) this.choose(this.files.some((one) => one.file === this.file) ? this.file : this.files[this.files.length - 1].file);
    this.choice.value = this.file;
  }

  choose(file) {
    const found = this.files.find((one) => one.file === file) || this.files[0];
    this.file = found.file;
    this.original = found.text || EMPTY;
    this.editor.value = this.original;
    this.save.hidden = !found.may_save;
    const name = this.file.startsWith("<") ? "a text that has no file" : this.file;
    this.editor.text.readOnly = this.isHidden && found.text !== "";
    if (this.editor.text.readOnly) this.note.textContent = `${name}. Values are left out here (--redact), so it cannot be edited from this page.`;
    else this.note.textContent = found.may_save ? name : `${name}. Loading it changes the emulator, not the file: 'dynafault serve --watch --edit' lets this page save.`;
    this.checked(true);
  }

  checked(isRight) {
    this.edited.textContent = this.isEdited ? "edited" : "";
    this.undo.disabled = !this.isEdited;
    const isNew = this.files[0]?.text === "";
    this.use.disabled = this.save.disabled = !isRight || (!this.isEdited && !isNew);
  }

  async send(save) {
    const text = this.editor.value;
    try {
      const found = await ask("PUT", `page/scenario?file=${encodeURIComponent(this.file)}&save=${save ? "yes" : "no"}`, text.endsWith("\n") ? text : `${text}\n`);
      this.original = this.editor.value;
      // What is saved is loaded when the server has seen the file; the state that it sends then brings the text here
      if (save) this.checked(true);
      else {
        this.files = [];
        this.take(found);
      }
    } catch (error) {
      this.editor.refuse(error);
    }
  }
}
