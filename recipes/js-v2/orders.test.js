const test = require("node:test");
const AWS = require("aws-sdk");

test("an order survives throttling", async () => {
  // This SDK reads its endpoint from nowhere: hand it over. Undefined is AWS's own, so the line may stay in production.
  const client = new AWS.DynamoDB({ endpoint: process.env.DYNAFAULT_URL });
  await client.putItem({ TableName: "orders", Item: { customer: { S: "bob" }, order: { N: "1" } } }).promise();
});
