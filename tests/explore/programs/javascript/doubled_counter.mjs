// Counts orders. An increment that is repeated counts twice.
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});
for (let number = 0; number < 3; number++) {
  await client.send(
    new UpdateItemCommand({
      TableName: "stats",
      Key: { id: { S: "orders" } },
      UpdateExpression: "ADD n :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
    }),
  );
}
