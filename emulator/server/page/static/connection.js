// The connection to the emulator: found again when it is lost, and opened with a token where one is wanted.

import { ApiError, listen, token } from "./api.js";
import { byId } from "./dom.js";

const AGAIN = 1000;

export class Connection {
  // `catchUp()` fetches what has come meanwhile, `heard(event, data)` takes what comes
  constructor(catchUp, heard) {
    this.catchUp = catchUp;
    this.heard = heard;
    this.isLive = false;
    byId("token").addEventListener("submit", (event) => {
      event.preventDefault();
      token.set(event.target.querySelector("input").value);
      byId("token").hidden = true;
      byId("main").hidden = false;
      this.open();
    });
  }

  async open() {
    for (;;) {
      try {
        await this.catchUp();
        await listen("page/stream", this.heard, () => this.show(true));
        this.show(false);
      } catch (error) {
        this.show(false);
        if (error instanceof ApiError && error.status === 401) return this.wantToken();
        if (error instanceof ApiError) byId("live").textContent = error.message;
      }
      await new Promise((done) => setTimeout(done, AGAIN));
    }
  }

  show(isLive) {
    if (this.since === undefined || isLive !== this.isLive) this.since = new Date().toTimeString().slice(0, 8);
    this.isLive = isLive;
    const place = byId("live");
    place.classList.toggle("off", !isLive);
    place.textContent = isLive ? "live" : `no answer since ${this.since}, trying again`;
    for (const control of document.querySelectorAll("#rules input, #rules button, #rules select, .clock button")) if (!control.closest(".adding")) control.disabled = !isLive;
  }

  wantToken() {
    byId("token").hidden = false;
    byId("main").hidden = true;
    byId("live").textContent = "a token is wanted";
    byId("token").querySelector("span").textContent = token.get() === null ? "" : "This is not the token.";
    byId("token").querySelector("input").focus();
  }
}
