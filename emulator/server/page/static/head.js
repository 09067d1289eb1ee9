// What stands above the calls, and in their place while there are none.

import { byId, copied, counted, h, put } from "./dom.js";

// Title, clock and phase of the state that was heard last
export function showHead(state, calls) {
  if (state) {
    const now = new Date(Date.now() + state.offset * 1000);
    byId("clock").textContent = `${state.offset > 43200 ? `${now.toISOString().slice(0, 10)} ` : ""}${now.toISOString().slice(11, 19)}`;
    const place = state.phases.indexOf(state.phase);
    byId("phase").hidden = !state.phases.length;
    put(byId("phase"), "phase ", h("b", {}, state.phase ?? "over"), place >= 0 ? ` ${place + 1} of ${state.phases.length}` : "");
    byId("title").textContent = state.scenario || "A healthy DynamoDB";
    const writes = state.dropped ? `, the journal has dropped ${state.dropped.toLocaleString("en")}: figures are too low` : "";
    const missed = calls.missed ? `, ${counted(calls.missed, "exchange")} not seen here` : "";
    const file = state.files[0] && !state.files[0].startsWith("<") ? `${state.files[0].split("/").pop()}, ` : "";
    byId("subtitle").textContent = `${file}seed ${state.seed} \u00b7 ${counted(state.exchanges, "request")} in the journal${writes}${missed}`;
    document.title = `${byId("badge").hidden ? "" : `${byId("badge").textContent}: `}${byId("title").textContent} - dynafault`;
  }
}

// What stands where no call is shown; `clear()` takes the filter away
export function showEmpty(list, calls, clear) {
  const place = byId("empty");
  const kind = list.shown.length ? "" : calls.list.length ? `filter ${byId("filter").value}` : "start";
  if (place.dataset.kind === kind) return;
  place.dataset.kind = kind;
  place.hidden = kind === "";
  if (kind === "start") put(place, beginning());
  else if (kind) put(place, h("p", {}, "Nothing of ", counted(calls.list.length, "call"), " fits ", h("code", {}, byId("filter").value || "what is switched on above"), ". "), h("button", { onclick: clear }, "Clear"));
}

function beginning() {
  const url = `${location.origin}${location.pathname.replace(/\/_emulator\/.*$/, "")}`;
  const lines = `export AWS_ENDPOINT_URL_DYNAMODB=${url}\nexport AWS_ACCESS_KEY_ID=dynafault AWS_SECRET_ACCESS_KEY=dynafault AWS_REGION=us-east-1\n\nboto3.client("dynamodb", endpoint_url="${url}")\n\naws dynamodb list-tables --endpoint-url ${url}`;
  return [h("p", {}, "No request yet. Point an SDK here:"), h("pre", {}, lines), h("button", { onclick: (event) => copied(event.currentTarget, lines) }, "Copy")];
}
