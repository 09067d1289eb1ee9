// What is known of the calls: rows put together into calls, the latest of them, so that memory is bounded.

export const MAX_CALLS = 20000;
const SLACK = 2000;
const MAX_ATTEMPTS = 100;
export const FATES = ["ok", "throttled", "failed", "lost", "half", "delayed", "stale", "cut", "refused", "pending"];
const WELL = new Set(["ok", "half", "delayed", "stale"]);

export class Calls {
  constructor() {
    this.clear();
  }

  clear() {
    this.list = [];
    this.byId = new Map();
    this.counts = Object.fromEntries(FATES.map((fate) => [fate, 0]));
    this.last = 0;
    this.requests = 0;
    this.missed = 0;
    this.forgotten = 0;
    this.began = null;
  }

  // Takes rows in; answers the calls that are new or have changed, each once
  take(rows) {
    const touched = new Set();
    for (const row of rows) {
      this.last = Math.max(this.last, row.id);
      let call = this.byId.get(row.call);
      if (!call) {
        call = { id: row.call, seq: row.id, attempts: [], more: 0, dead: false, gone: false, el: null };
        this.byId.set(row.call, call);
        this.list.push(call);
        this.began ??= row.at;
      }
      const known = call.attempts.findIndex((one) => one.id === row.id);
      if (known >= 0) {
        this.counts[call.attempts[known].fate] -= 1;
        call.attempts[known] = row;
      } else if (call.attempts.length < MAX_ATTEMPTS) {
        call.attempts.push(row);
        this.requests += 1;
      } else {
        // Of a call that never ends, the latest attempt is worth more than the one before
        call.more += 1;
        this.counts[call.attempts[MAX_ATTEMPTS - 1].fate] -= 1;
        call.attempts[MAX_ATTEMPTS - 1] = row;
      }
      this.counts[row.fate] += 1;
      touched.add(call);
    }
    return touched;
  }

  // Forgets the oldest, many at once; answers how many
  shorten() {
    if (this.list.length <= MAX_CALLS + SLACK) return 0;
    const gone = this.list.splice(0, this.list.length - MAX_CALLS);
    for (const call of gone) {
      call.gone = true;
      this.byId.delete(call.id);
      for (const one of call.attempts) this.counts[one.fate] -= 1;
    }
    this.forgotten += gone.length;
    return gone.length;
  }
}

export const first = (call) => call.attempts[0];
export const last = (call) => call.attempts[call.attempts.length - 1];
export const applied = (call) => call.attempts.filter((one) => one.applied === true).length;
export const isWell = (call) => WELL.has(last(call).fate);
export const endOf = (row) => row.at + (row.took ?? 0);

// How it ended, in words, and whether they are bad news
export function ending(call) {
  const end = last(call);
  const writes = end.applied !== null;
  const times = applied(call);
  const how = end.fate === "pending" ? "under way" : WELL.has(end.fate) ? { ok: "ok", half: "half done", delayed: "ok, late", stale: "ok, stale" }[end.fate] : end.told || end.error || String(end.status);
  let done = "";
  if (end.applied === "unknown") done = "perhaps applied";
  else if (writes && end.fate !== "pending") done = times === 0 ? "not applied" : times === 1 ? "applied once" : times === 2 ? "applied twice" : `applied ${times} times`;
  return { how, done, bad: times > 1, failed: !WELL.has(end.fate) && end.fate !== "pending" };
}
