// The filter line: words that must all hold. `operation:Put table:orders -status:ok rule:throttle`, or a bare word anywhere.

import { applied, first, isWell, last } from "./calls.js";

const some = (call, test) => call.attempts.some(test);
const has = (text, wanted) => String(text ?? "").toLowerCase().includes(wanted);

const KEYS = {
  operation: (call, wanted) => has(first(call).operation, wanted),
  table: (call, wanted) => first(call).tables.some((name) => has(name, wanted)),
  key: (call, wanted) => has(first(call).key, wanted),
  item: (call, wanted) => isItem(String(first(call).key).toLowerCase(), wanted),
  rule: (call, wanted) => some(call, (row) => has(row.rule, wanted)),
  fault: (call, wanted) => some(call, (row) => has(row.fault, wanted)),
  error: (call, wanted) => some(call, (row) => has(row.error, wanted) || has(row.told, wanted)),
  client: (call, wanted) => has(first(call).client, wanted),
  service: (call, wanted) => has(first(call).service, wanted),
  region: (call, wanted) => has(first(call).region, wanted),
  call: (call, wanted) => has(call.id, wanted),
  fate: (call, wanted) => some(call, (row) => row.fate === wanted),
  attempts: (call, wanted) => amount(call.attempts.length + call.more, wanted),
  applied: (call, wanted) => amount(applied(call), wanted),
  status: (call, wanted) => {
    if (wanted === "fail") return !isWell(call) && last(call).fate !== "pending";
    if (wanted === "ok") return isWell(call);
    return some(call, (row) => String(row.status).startsWith(wanted));
  },
};
export const WORDS = Object.keys(KEYS);

// A long key is shown by its beginning
const isItem = (key, wanted) => key === wanted || (key.endsWith("...") && wanted.startsWith(key.slice(0, -3)));

// "2", ">1", "<3", "2+"
function amount(count, wanted) {
  const found = /^([<>]?)(\d+)(\+?)$/.exec(wanted);
  if (!found) return false;
  const number = Number(found[2]);
  if (found[1] === ">") return count > number;
  if (found[1] === "<") return count < number;
  return found[3] ? count >= number : count === number;
}

// Answers {holds(call), unknown: [word], said}
export function parsed(line) {
  const tests = [];
  const unknown = [];
  for (const [, minus, key, quoted, plain] of line.matchAll(/(-?)(?:(\w+):)?(?:"([^"]*)"|(\S+))/g)) {
    const wanted = (quoted ?? plain ?? "").toLowerCase();
    const wish = key === undefined ? anywhere : KEYS[key.toLowerCase()];
    if (!wish) unknown.push(key);
    else if (wanted) tests.push((call) => wish(call, wanted) !== (minus === "-"));
  }
  return { holds: (call) => tests.every((test) => test(call)), isEmpty: tests.length === 0, unknown };
}

function anywhere(call, wanted) {
  const row = first(call);
  return has(row.operation, wanted) || has(row.key, wanted) || has(call.id, wanted) || row.tables.some((name) => has(name, wanted)) || some(call, (one) => has(one.rule, wanted) || has(one.told, wanted));
}

// A word of the line, which finds what has it
export const word = (key, wanted) => `${key}:${/[\s"]/.test(wanted) ? `"${wanted.replaceAll('"', "")}"` : wanted}`;

// The address of the page with a filter
export const address = (...words) => `#filter=${encodeURIComponent(words.join(" "))}`;

// The word that was meant, as far as that can be told
export function meant(word) {
  const near = WORDS.map((known) => [distance(word.toLowerCase(), known), known]).sort((a, b) => a[0] - b[0])[0];
  return near[0] <= 3 ? near[1] : null;
}

function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}
