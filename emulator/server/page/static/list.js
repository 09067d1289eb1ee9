// The list of calls. Only rows on the screen exist; new ones come below, and nothing above them moves.

import { counted } from "./dom.js";
import { drawRow, newRow } from "./row.js";

const AROUND = 300;
const NEAR_THE_END = 80;

export class RowList {
  // `opened(call, el)` fills the row that opens; `changed()` hears that the newest are out of sight, or in sight again
  constructor(place, view, opened, newer) {
    this.place = place;
    this.view = view;
    this.opened = opened;
    this.newer = newer;
    this.shown = [];
    this.open = new Map();
    this.drawn = new Map();
    this.unseen = 0;
    this.resized = new ResizeObserver((entries) => this.measure(entries.map((entry) => entry.target)));
    const phone = matchMedia("(max-width: 900px)");
    this.rowHeight = phone.matches ? 82 : 37;
    phone.addEventListener("change", () => {
      this.rowHeight = phone.matches ? 82 : 37;
      this.layout();
    });
    addEventListener("scroll", () => this.later(), { passive: true });
    addEventListener("resize", () => this.later());
  }

  // All of them anew: the filter has changed, or a call in the middle fits it now
  replace(calls) {
    this.shown = calls;
    calls.forEach((call, index) => (call.index = index));
    this.unseen = 0;
    this.layout();
  }

  append(calls) {
    if (!calls.length) return;
    const follows = this.isAtEnd();
    for (const call of calls) {
      call.index = this.shown.length;
      this.shown.push(call);
    }
    this.unseen = follows ? 0 : this.unseen + calls.length;
    this.layout();
    if (follows) this.toEnd();
  }

  // The first `count` of those shown are forgotten: what is looked at stays where it is
  forget(calls) {
    const gone = this.shown.filter((call) => call.gone);
    let height = 0;
    for (const call of gone) {
      height += this.rowHeight + (this.open.get(call) || 0);
      this.close(call);
    }
    this.replace(this.shown.filter((call) => !call.gone));
    if (height && scrollY > this.place.offsetTop) scrollBy(0, -height);
  }

  close(call) {
    this.open.delete(call);
    if (call.el) this.resized.unobserve(call.el);
    call.el = null;
  }

  isAtEnd() {
    return innerHeight + scrollY >= document.documentElement.scrollHeight - NEAR_THE_END;
  }

  toEnd() {
    this.unseen = 0;
    scrollTo(0, document.documentElement.scrollHeight);
    this.render();
  }

  top(index) {
    let top = index * this.rowHeight;
    for (const [call, height] of this.open) if (call.index < index && this.shown[call.index] === call) top += height;
    return top;
  }

  at(y) {
    let low = 0;
    let high = this.shown.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.top(middle + 1) <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  layout() {
    this.place.style.height = `${this.top(this.shown.length)}px`;
    this.render();
  }

  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (this.isAtEnd()) this.unseen = 0;
      this.render();
    });
  }

  render() {
    this.newer(this.unseen ? `${counted(this.unseen, "new call")} below` : "");
    if (!this.place.offsetParent) return;
    const begin = -this.place.getBoundingClientRect().top - AROUND;
    const from = this.at(Math.max(0, begin));
    const to = Math.min(this.shown.length, this.at(Math.max(0, begin + innerHeight + 2 * AROUND)) + 1);
    this.view.width = this.place.querySelector(".wf")?.clientWidth || document.querySelector(".ruler .wf").clientWidth;
    const wanted = new Set(this.shown.slice(from, to));
    for (const [call, el] of this.drawn) {
      if (wanted.has(call) || (el.contains(document.activeElement) && this.shown[call.index] === call)) continue;
      el.remove();
      this.drawn.delete(call);
    }
    let cursor = this.place.firstChild;
    for (const call of wanted) {
      const el = this.element(call);
      drawRow(call, el, this.view);
      el.style.top = `${this.top(call.index)}px`;
      while (cursor && cursor !== el && !this.comesAfter(cursor, call)) cursor = cursor.nextSibling;
      if (cursor === el) cursor = el.nextSibling;
      else this.place.insertBefore(el, cursor);
    }
  }

  comesAfter(el, call) {
    return el.call.index > call.index;
  }

  element(call) {
    let el = this.drawn.get(call);
    if (!el) {
      el = call.el || newRow(call);
      if (!el.call) {
        el.call = call;
        el.addEventListener("toggle", () => this.toggled(call, el));
      }
      this.drawn.set(call, el);
    }
    return el;
  }

  toggled(call, el) {
    if (el.open) {
      call.el = el;
      this.opened(call, el);
      this.open.set(call, Math.max(0, el.offsetHeight - this.rowHeight));
      this.resized.observe(el);
    } else {
      this.close(call);
    }
    this.layout();
  }

  measure(elements) {
    for (const el of elements) if (this.open.has(el.call) && el.isConnected) this.open.set(el.call, Math.max(0, el.offsetHeight - this.rowHeight));
    this.layout();
  }

  // Brings a call into sight, with the focus on it
  show(call, { open = false } = {}) {
    if (this.shown[call.index] !== call) return false;
    const y = this.place.getBoundingClientRect().top + scrollY + this.top(call.index);
    if (y < scrollY + 120 || y > scrollY + innerHeight - 120) scrollTo(0, y - innerHeight / 3);
    this.render();
    const el = this.drawn.get(call);
    if (!el) return false;
    if (open) el.open = true;
    el.firstChild.focus({ preventScroll: true });
    return true;
  }

  step(by) {
    const at = document.activeElement.closest?.(".call")?.call?.index;
    const index = at === undefined ? (by > 0 ? this.at(Math.max(0, -this.place.getBoundingClientRect().top)) : this.shown.length - 1) : at + by;
    const call = this.shown[Math.max(0, Math.min(this.shown.length - 1, index))];
    if (call) this.show(call);
  }
}
