import com.amazonaws.AmazonServiceException;
import com.amazonaws.ClientConfiguration;
import com.amazonaws.client.builder.AwsClientBuilder;
import com.amazonaws.services.backupgateway.AWSBackupGateway;
import com.amazonaws.services.backupgateway.AWSBackupGatewayClientBuilder;
import com.amazonaws.services.backupgateway.model.InternalServerException;
import com.amazonaws.services.backupgateway.model.ListGatewaysRequest;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDB;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBClientBuilder;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBStreams;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBStreamsClientBuilder;
import com.amazonaws.services.dynamodbv2.model.AttributeDefinition;
import com.amazonaws.services.dynamodbv2.model.AttributeValue;
import com.amazonaws.services.dynamodbv2.model.BillingMode;
import com.amazonaws.services.dynamodbv2.model.CreateTableRequest;
import com.amazonaws.services.dynamodbv2.model.DescribeStreamRequest;
import com.amazonaws.services.dynamodbv2.model.ExpiredIteratorException;
import com.amazonaws.services.dynamodbv2.model.GetItemRequest;
import com.amazonaws.services.dynamodbv2.model.GetRecordsRequest;
import com.amazonaws.services.dynamodbv2.model.GetShardIteratorRequest;
import com.amazonaws.services.dynamodbv2.model.KeySchemaElement;
import com.amazonaws.services.dynamodbv2.model.KeyType;
import com.amazonaws.services.dynamodbv2.model.ListStreamsRequest;
import com.amazonaws.services.dynamodbv2.model.Put;
import com.amazonaws.services.dynamodbv2.model.PutRequest;
import com.amazonaws.services.dynamodbv2.model.RestoreTableFromBackupRequest;
import com.amazonaws.services.dynamodbv2.model.ScalarAttributeType;
import com.amazonaws.services.dynamodbv2.model.ShardIteratorType;
import com.amazonaws.services.dynamodbv2.model.TransactWriteItem;
import com.amazonaws.services.dynamodbv2.model.TransactWriteItemsRequest;
import com.amazonaws.services.dynamodbv2.model.UpdateItemRequest;
import com.amazonaws.services.dynamodbv2.model.WriteRequest;
import com.amazonaws.util.VersionInfoUtils;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What the AWS SDK for Java 1 is asked to do: {@code java Program DOES WORKERS CALLS TIMEOUT} (see ../README.md). */
public class Program {
    private static final AttributeValue ONE = new AttributeValue().withN("1");

    private final AmazonDynamoDB dynamoDBClient;
    private final AmazonDynamoDBStreams streams;
    private final AWSBackupGateway backupGatewayClient;

    private Program(int timeout) {
        dynamoDBClient = pointed(AmazonDynamoDBClientBuilder.standard(), timeout).build();
        streams = pointed(AmazonDynamoDBStreamsClientBuilder.standard(), timeout).build();
        backupGatewayClient = pointed(AWSBackupGatewayClientBuilder.standard(), timeout).build();
    }

    private static <B extends AwsClientBuilder<B, ?>> B pointed(B builder, int timeout) {
        builder.setEndpointConfiguration(
            new AwsClientBuilder.EndpointConfiguration(System.getenv("DYNAFAULT_URL"), System.getenv("AWS_REGION")));
        if (timeout > 0) {
            builder.setClientConfiguration(new ClientConfiguration().withSocketTimeout(timeout * 1000));
        }
        return builder;
    }

    private static Map<String, AttributeValue> id(String id) {
        return Map.of("id", new AttributeValue(id));
    }

    private String get(String id) {
        Map<String, AttributeValue> item =
            dynamoDBClient.getItem(new GetItemRequest("orders", id(id)).withConsistentRead(true)).getItem();
        return item != null && item.containsKey("amount") && "3".equals(item.get("amount").getN())
            ? "the item" : "an answer without the item";
    }

    private String put(String id) {
        dynamoDBClient.putItem("orders", Map.of("id", new AttributeValue(id), "amount", ONE));
        return "success";
    }

    private String update(String id, String expression, String condition) {
        dynamoDBClient.updateItem(new UpdateItemRequest().withTableName("orders").withKey(id(id)).withUpdateExpression(expression)
            .withConditionExpression(condition).withExpressionAttributeValues(Map.of(":one", ONE)));
        return "success";
    }

    private String transact(String id) {
        TransactWriteItem item = new TransactWriteItem().withPut(new Put().withTableName("orders").withItem(id(id)));
        dynamoDBClient.transactWriteItems(new TransactWriteItemsRequest().withTransactItems(item));
        return "success";
    }

    /** The SDK leaves unprocessed items to its caller. */
    private String batch(String id) throws InterruptedException {
        Map<String, List<WriteRequest>> left = Map.of("orders", IntStream.range(0, 4)
            .mapToObj(number -> new WriteRequest(new PutRequest(id(id + "-" + number)))).collect(Collectors.toList()));
        for (int tries = 0; tries < 8; tries++) {
            left = dynamoDBClient.batchWriteItem(left).getUnprocessedItems();
            if (left.isEmpty()) {
                return "all written";
            }
            Thread.sleep(ThreadLocalRandom.current().nextLong(50, 100) << tries);
        }
        return "some left";
    }

    private String createTable(String id) {
        dynamoDBClient.createTable(new CreateTableRequest().withTableName("table-" + id).withBillingMode(BillingMode.PAY_PER_REQUEST)
            .withKeySchema(new KeySchemaElement("id", KeyType.HASH))
            .withAttributeDefinitions(new AttributeDefinition("id", ScalarAttributeType.S)));
        return "success";
    }

    private String restore(String id) {
        dynamoDBClient.restoreTableFromBackup(new RestoreTableFromBackupRequest().withTargetTableName("restored-" + id)
            .withBackupArn("arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/01489602797149-73d8d5bc"));
        return "success";
    }

    /** What the code of the guides prints, without the details that are other ones in each run. */
    private String restoreAsDocumented() {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true));
        try {
            new Documented(dynamoDBClient).restore();
        } finally {
            System.setOut(out);
        }
        return "prints: " + printed.toString().strip().replaceFirst(" \\(Service: .*", "");
    }

    private String gateways() {
        backupGatewayClient.listGateways(new ListGatewaysRequest());
        return "success";
    }

    /** The loop that guides to Backup Gateway's InternalServerException show. The operation that they call is none of this service. */
    private String gatewaysInALoop() {
        int attempts = 0;
        while (attempts < 3) {
            try {
                gateways();
                return "success";
            } catch (InternalServerException e) {
                attempts++;
                System.err.println("Attempt " + attempts + " failed: " + e.getMessage());
                if (attempts == 3) {
                    System.err.println("Max retry attempts reached");
                }
                try {
                    Thread.sleep(2000 * attempts);
                } catch (InterruptedException ie) {
                    Thread.currentThread().interrupt();
                }
            }
        }
        return "nothing: the loop ends without a word";
    }

    private String records(String id) {
        put(id + "-0");
        put(id + "-1");
        String arn = streams.listStreams(new ListStreamsRequest().withTableName("orders")).getStreams().get(0).getStreamArn();
        String shard = streams.describeStream(new DescribeStreamRequest().withStreamArn(arn)).getStreamDescription().getShards().get(0)
            .getShardId();
        GetShardIteratorRequest from = new GetShardIteratorRequest().withStreamArn(arn).withShardId(shard);
        String first = streams.getShardIterator(from.withShardIteratorType(ShardIteratorType.TRIM_HORIZON)).getShardIterator();
        var answer = streams.getRecords(new GetRecordsRequest().withShardIterator(first).withLimit(1));
        String reached = answer.getRecords().get(0).getDynamodb().getSequenceNumber();
        try {
            streams.getRecords(new GetRecordsRequest().withShardIterator(answer.getNextShardIterator()));
            return "no error";
        } catch (ExpiredIteratorException expired) {
            from.withShardIteratorType(ShardIteratorType.AFTER_SEQUENCE_NUMBER).setSequenceNumber(reached);
            String again = streams.getShardIterator(from).getShardIterator();
            int rest = streams.getRecords(new GetRecordsRequest().withShardIterator(again)).getRecords().size();
            return "ExpiredIteratorException, then " + rest + " more";
        }
    }

    private String act(String does, String id) throws InterruptedException {
        return switch (does) {
            case "get" -> get(id);
            case "get-known" -> get("known");
            case "put" -> put(id);
            case "add" -> update(id, "ADD amount :one", null);
            case "conditional" -> update(id, "SET amount = :one", "attribute_not_exists(id)");
            case "transact" -> transact(id);
            case "batch" -> batch(id);
            case "create-table" -> createTable(id);
            case "restore" -> restore(id);
            case "restore-as-documented" -> restoreAsDocumented();
            case "gateways" -> gateways();
            case "gateways-in-a-loop" -> gatewaysInALoop();
            case "records" -> records(id);
            default -> throw new IllegalArgumentException(does);
        };
    }

    private void work(String does, int worker, int calls) {
        for (int call = 0; call < calls; call++) {
            Map<String, Object> said = new LinkedHashMap<>(Map.of("worker", worker, "call", call));
            try {
                said.put("saw", act(does, worker + "-" + call));
            } catch (AmazonServiceException error) {
                said.put("error", error.getClass().getSimpleName());
                said.put("code", String.valueOf(error.getErrorCode()));
            } catch (Exception error) {
                said.put("error", error.getClass().getSimpleName());
            }
            print(said);
        }
    }

    private static synchronized void print(Map<String, Object> line) {
        String members = line.entrySet().stream()
            .map(e -> "\"" + e.getKey() + "\": " + (e.getValue() instanceof Integer ? e.getValue() : "\"" + e.getValue() + "\""))
            .reduce((a, b) -> a + ", " + b).orElse("");
        System.out.println("{" + members + "}");
    }

    public static void main(String[] args) throws Exception {
        print(Map.of("sdk", "java-v1", "version", VersionInfoUtils.getVersion(), "runtime", "Java " + Runtime.version().feature()));
        Program program = new Program(Integer.parseInt(args[3]));
        int workers = Integer.parseInt(args[1]);
        var pool = Executors.newFixedThreadPool(workers);
        for (int number = 0; number < workers; number++) {
            int worker = number;
            pool.submit(() -> program.work(args[0], worker, Integer.parseInt(args[2])));
        }
        pool.shutdown();
        pool.awaitTermination(1, java.util.concurrent.TimeUnit.HOURS);
        System.exit(0);
    }
}
