const { DynamoDBClient, PutItemCommand } = require("@aws-sdk/client-dynamodb");

test("an order survives throttling", async () => {
  const client = new DynamoDBClient({}); // endpoint, region and credentials are in the environment
  const order = { customer: { S: "bob" }, order: { N: "1" } };
  const answer = await client.send(new PutItemCommand({ TableName: "orders", Item: order }));
  expect(answer.$metadata.attempts).toBe(3);
  client.destroy();
});
