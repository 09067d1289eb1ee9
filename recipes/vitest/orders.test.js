import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeEach, expect, test } from "vitest";

const admin = `${process.env.DYNAFAULT_URL}/_emulator`;
const client = new DynamoDBClient({});
const scenario = {
  version: 1,
  tables: [{ name: "orders", key: { id: "S" } }],
  rules: [{ name: "busy", when: { operation: "writes", attempt: 1 }, fault: "ThrottlingException" }],
};

// A scenario for each test, over the admin API; the files then run one after the other (--no-file-parallelism)
beforeEach(async () => {
  await fetch(`${admin}/reset`, { method: "POST" });
  await fetch(`${admin}/scenario`, { method: "PUT", body: JSON.stringify(scenario) });
});

test("an order survives throttling", async () => {
  await client.send(new PutItemCommand({ TableName: "orders", Item: { id: { S: "a" } } }));
  const { calls } = await (await fetch(`${admin}/calls`)).json();
  expect(calls.map((call) => call.attempts)).toEqual([2]);
});
