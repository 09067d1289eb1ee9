// Saves payments at once. Whatever becomes of them, the program says that all is well.
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({ maxAttempts: 2 });
const put = (number) => client.send(new PutItemCommand({ TableName: "payments", Item: { id: { S: `p${number}` } } }));
await Promise.allSettled([1, 2, 3].map(put));
