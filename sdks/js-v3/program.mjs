// What the AWS SDK for JavaScript v3 is asked to do: `node program.mjs DOES WORKERS CALLS TIMEOUT` (see ../README.md).

import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import * as db from "@aws-sdk/client-dynamodb";
import * as st from "@aws-sdk/client-dynamodb-streams";

const [does, workers, calls, timeout] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const backup = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/01489602797149-73d8d5bc";
const config = { endpoint: process.env.DYNAFAULT_URL };
if (timeout) config.requestHandler = { connectionTimeout: timeout * 1000, requestTimeout: timeout * 1000, throwOnRequestTimeout: true };
const dynamodb = new db.DynamoDBClient(config);
const streams = new st.DynamoDBStreamsClient(config);

const put = (id) => dynamodb.send(new db.PutItemCommand({ TableName: "orders", Item: { id: { S: id }, amount: { N: "1" } } }));

const update = (id, expression, condition) =>
  dynamodb.send(
    new db.UpdateItemCommand({
      TableName: "orders",
      Key: { id: { S: id } },
      UpdateExpression: expression,
      ConditionExpression: condition,
      ExpressionAttributeValues: { ":one": { N: "1" } },
    }),
  );

const actions = {
  async get(id) {
    const answer = await dynamodb.send(new db.GetItemCommand({ TableName: "orders", Key: { id: { S: id } }, ConsistentRead: true }));
    return answer.Item?.amount?.N === "3" ? "the item" : "an answer without the item";
  },
  async "get-known"() {
    return actions.get("known");
  },
  async put(id) {
    await put(id);
  },
  async add(id) {
    await update(id, "ADD amount :one");
  },
  async conditional(id) {
    await update(id, "SET amount = :one", "attribute_not_exists(id)");
  },
  async transact(id) {
    await dynamodb.send(new db.TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: "orders", Item: { id: { S: id } } } }] }));
  },
  // The SDK leaves unprocessed items to its caller
  async batch(id) {
    let left = { orders: [0, 1, 2, 3].map((number) => ({ PutRequest: { Item: { id: { S: `${id}-${number}` } } } })) };
    for (let tries = 0; tries < 8; tries++) {
      left = (await dynamodb.send(new db.BatchWriteItemCommand({ RequestItems: left }))).UnprocessedItems;
      if (!left?.orders?.length) return "all written";
      await sleep((50 + 50 * Math.random()) * 2 ** tries);
    }
    return "some left";
  },
  async "create-table"(id) {
    await dynamodb.send(
      new db.CreateTableCommand({
        TableName: `table-${id}`,
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
  },
  async restore(id) {
    await dynamodb.send(new db.RestoreTableFromBackupCommand({ TargetTableName: `restored-${id}`, BackupArn: backup }));
  },
  async records(id) {
    for (const number of [0, 1]) await put(`${id}-${number}`);
    const StreamArn = (await streams.send(new st.ListStreamsCommand({ TableName: "orders" }))).Streams[0].StreamArn;
    const described = await streams.send(new st.DescribeStreamCommand({ StreamArn }));
    const where = { StreamArn, ShardId: described.StreamDescription.Shards[0].ShardId };
    const first = await streams.send(new st.GetShardIteratorCommand({ ...where, ShardIteratorType: "TRIM_HORIZON" }));
    const answer = await streams.send(new st.GetRecordsCommand({ ShardIterator: first.ShardIterator, Limit: 1 }));
    const reached = answer.Records.at(-1).dynamodb.SequenceNumber;
    try {
      await streams.send(new st.GetRecordsCommand({ ShardIterator: answer.NextShardIterator }));
      return "no error";
    } catch (error) {
      if (!(error instanceof st.ExpiredIteratorException)) throw error;
      const behind = { ...where, ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: reached };
      const again = await streams.send(new st.GetShardIteratorCommand(behind));
      const rest = await streams.send(new st.GetRecordsCommand({ ShardIterator: again.ShardIterator }));
      return `ExpiredIteratorException, then ${rest.Records.length} more`;
    }
  },
};

async function work(worker) {
  for (let call = 0; call < calls; call++) {
    let said;
    try {
      said = { saw: (await actions[does](`${worker}-${call}`)) ?? "success" };
    } catch (error) {
      said = { error: error.name, ...(error.code && { code: error.code }) };
    }
    console.log(JSON.stringify({ worker, call, ...said }));
  }
}

const { version } = createRequire(import.meta.url)("@aws-sdk/client-dynamodb/package.json");
console.log(JSON.stringify({ sdk: "js-v3", version, runtime: `Node.js ${process.versions.node}` }));
await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
process.exit(0);
