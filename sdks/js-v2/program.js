// What the AWS SDK for JavaScript v2 is asked to do: `node program.js DOES WORKERS CALLS TIMEOUT` (see ../README.md).

process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = "1";
const { setTimeout: sleep } = require("node:timers/promises");
const AWS = require("aws-sdk");

const [does, workers, calls, timeout] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const backup = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/01489602797149-73d8d5bc";
const config = { endpoint: process.env.DYNAFAULT_URL, region: process.env.AWS_REGION };
if (timeout) config.httpOptions = { connectTimeout: timeout * 1000, timeout: timeout * 1000 };
const dynamodb = new AWS.DynamoDB(config);
const streams = new AWS.DynamoDBStreams(config);
const gateway = new AWS.BackupGateway(config);

const put = (id) => dynamodb.putItem({ TableName: "orders", Item: { id: { S: id }, amount: { N: "1" } } }).promise();

const update = (id, UpdateExpression, more) =>
  dynamodb
    .updateItem({
      TableName: "orders",
      Key: { id: { S: id } },
      UpdateExpression,
      ExpressionAttributeValues: { ":one": { N: "1" } },
      ...more,
    })
    .promise();

const actions = {
  async get(id) {
    const answer = await dynamodb.getItem({ TableName: "orders", Key: { id: { S: id } }, ConsistentRead: true }).promise();
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
    await update(id, "SET amount = :one", { ConditionExpression: "attribute_not_exists(id)" });
  },
  async transact(id) {
    await dynamodb.transactWriteItems({ TransactItems: [{ Put: { TableName: "orders", Item: { id: { S: id } } } }] }).promise();
  },
  // The SDK leaves unprocessed items to its caller
  async batch(id) {
    let left = { orders: [0, 1, 2, 3].map((number) => ({ PutRequest: { Item: { id: { S: `${id}-${number}` } } } })) };
    for (let tries = 0; tries < 8; tries++) {
      left = (await dynamodb.batchWriteItem({ RequestItems: left }).promise()).UnprocessedItems;
      if (!left?.orders?.length) return "all written";
      await sleep((50 + 50 * Math.random()) * 2 ** tries);
    }
    return "some left";
  },
  async "create-table"(id) {
    await dynamodb
      .createTable({
        TableName: `table-${id}`,
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        BillingMode: "PAY_PER_REQUEST",
      })
      .promise();
  },
  async restore(id) {
    await dynamodb.restoreTableFromBackup({ TargetTableName: `restored-${id}`, BackupArn: backup }).promise();
  },
  async gateways() {
    await gateway.listGateways({}).promise();
  },
  async records(id) {
    for (const number of [0, 1]) await put(`${id}-${number}`);
    const { StreamArn } = (await streams.listStreams({ TableName: "orders" }).promise()).Streams[0];
    const described = await streams.describeStream({ StreamArn }).promise();
    const where = { StreamArn, ShardId: described.StreamDescription.Shards[0].ShardId };
    const first = await streams.getShardIterator({ ...where, ShardIteratorType: "TRIM_HORIZON" }).promise();
    const answer = await streams.getRecords({ ShardIterator: first.ShardIterator, Limit: 1 }).promise();
    const reached = answer.Records.at(-1).dynamodb.SequenceNumber;
    try {
      await streams.getRecords({ ShardIterator: answer.NextShardIterator }).promise();
      return "no error";
    } catch (error) {
      if (error.code !== "ExpiredIteratorException") throw error;
      const behind = { ...where, ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: reached };
      const again = await streams.getShardIterator(behind).promise();
      const rest = await streams.getRecords({ ShardIterator: again.ShardIterator }).promise();
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
      said = { error: error.code };
    }
    console.log(JSON.stringify({ worker, call, ...said }));
  }
}

console.log(JSON.stringify({ sdk: "js-v2", version: AWS.VERSION, runtime: `Node.js ${process.versions.node}` }));
Promise.all(Array.from({ length: workers }, (_, worker) => work(worker))).then(() => process.exit(0));
