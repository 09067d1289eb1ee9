// The admin API, and the stream of events. Addresses are relative to the page, so that a sandbox's page asks that sandbox.

const TOKEN = "dynafault.token";

export class ApiError extends Error {
  constructor(status, body) {
    super(body?.error?.message || `the server answered ${status}`);
    this.status = status;
    this.problems = body?.error?.problems || [];
  }
}

export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  set: (value) => sessionStorage.setItem(TOKEN, value),
};

function headers() {
  return token.get() === null ? {} : { Authorization: `Bearer ${token.get()}` };
}

export async function ask(method, path, body) {
  const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const answer = await fetch(path, { method, headers: headers(), body: sent, cache: "no-store" });
  const text = await answer.text();
  let value = null;
  try {
    value = JSON.parse(text);
  } catch {
    // An answer that is no JSON is none of the admin API's
  }
  if (!answer.ok) throw new ApiError(answer.status, value);
  return value;
}

// Operations on tables, past all rules
export const service = (operation, params, region, of = "dynamodb") =>
  ask("POST", `page/ask/${of}/${operation}?region=${encodeURIComponent(region)}`, params);

// Reads server-sent events until the stream ends; calls heard(event, data). EventSource could send no token.
export async function listen(path, heard, opened, signal) {
  const answer = await fetch(path, { headers: headers(), cache: "no-store", signal });
  if (!answer.ok) throw new ApiError(answer.status, await answer.json().catch(() => null));
  opened();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const found = /^event: (\w+)\ndata: (.*)$/s.exec(block);
      if (found) heard(found[1], JSON.parse(found[2]));
      else heard("alive", null);
    }
  }
}
