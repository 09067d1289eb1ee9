// The records of a table's stream, the latest of them.

import { counted, h } from "./dom.js";

const SHOWN = 50;
const MAX_READS = 100;

// All records from the oldest on, of every shard; `ask(operation, params)` asks the streams service
export async function recordsOf(arn, ask) {
  const { StreamDescription: stream } = await ask("DescribeStream", { StreamArn: arn });
  const found = [];
  for (const shard of stream.Shards) {
    let { ShardIterator: iterator } = await ask("GetShardIterator", { StreamArn: arn, ShardId: shard.ShardId, ShardIteratorType: "TRIM_HORIZON" });
    for (let reads = 0; iterator && reads < MAX_READS; reads++) {
      const page = await ask("GetRecords", { ShardIterator: iterator });
      found.push(...page.Records);
      iterator = page.Records.length ? page.NextShardIterator : null;
    }
  }
  return found;
}

export function streamTable(records) {
  const shown = records.slice(-SHOWN).reverse();
  const row = ({ eventName, dynamodb: record }) =>
    h(
      "tr",
      {},
      h("td", { "data-l": "event" }, eventName),
      h("td", { "data-l": "key", class: "m" }, JSON.stringify(record.Keys)),
      h("td", { "data-l": "before", class: "m" }, record.OldImage ? JSON.stringify(record.OldImage) : ""),
      h("td", { "data-l": "after", class: "m" }, record.NewImage ? JSON.stringify(record.NewImage) : ""),
    );
  return [
    h("h4", {}, `${counted(records.length, "record")} in the stream${records.length > SHOWN ? `, the latest ${SHOWN}` : ""}`),
    shown.length > 0 && h("table", { class: "stack" }, h("thead", {}, h("tr", {}, ["event", "key", "before", "after"].map((name) => h("th", {}, name)))), h("tbody", {}, shown.map(row))),
  ];
}
