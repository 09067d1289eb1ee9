// Saves payments in a batch, sums up orders page by page, and sells a pear in a transaction that knows itself again.
import {
  BatchWriteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
  paginateScan,
} from "@aws-sdk/client-dynamodb";
import { setTimeout as sleep } from "node:timers/promises";

const client = new DynamoDBClient({});
const wait = (attempt) => sleep(Math.random() * 50 * 2 ** attempt);

async function save(requests) {
  let left = requests;
  for (let attempt = 0; attempt < 8; attempt++) {
    left = (await client.send(new BatchWriteItemCommand({ RequestItems: left }))).UnprocessedItems ?? {};
    if (Object.keys(left).length === 0) return;
    await wait(attempt);
  }
  throw new Error("not saved");
}

async function sell(token) {
  const sale = { Put: { TableName: "payments", Item: { id: { S: token } }, ConditionExpression: "attribute_not_exists(id)" } };
  const pear = {
    Update: {
      TableName: "stock",
      Key: { sku: { S: "pear" } },
      UpdateExpression: "ADD sold :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
    },
  };
  for (let attempt = 0; ; attempt++) {
    try {
      await client.send(new TransactWriteItemsCommand({ ClientRequestToken: token, TransactItems: [sale, pear] }));
      return;
    } catch (error) {
      const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code);
      if (codes[0] === "ConditionalCheckFailed") return;
      if (attempt >= 4 || !codes.includes("TransactionConflict")) throw error;
      await wait(attempt);
    }
  }
}

await save({ payments: [1, 2, 3, 4].map((number) => ({ PutRequest: { Item: { id: { S: `p${number}` } } } })) });
let total = 0;
const open = {
  TableName: "orders",
  ConsistentRead: true,
  FilterExpression: "#status = :open",
  ExpressionAttributeNames: { "#status": "status" },
  ExpressionAttributeValues: { ":open": { S: "open" } },
};
for await (const page of paginateScan({ client }, open)) {
  for (const item of page.Items ?? []) total += Number(item.amount.N);
}
const made = new Date().toISOString();
await client.send(new PutItemCommand({ TableName: "stats", Item: { id: { S: "open" }, total: { N: `${total}` }, made: { S: made } } }));
await sell("sale-1");
