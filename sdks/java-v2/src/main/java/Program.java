import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ExpiredIteratorException;
import software.amazon.awssdk.services.dynamodb.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** What the AWS SDK for Java 2 is asked to do: {@code java Program DOES WORKERS CALLS TIMEOUT} (see ../README.md). */
public class Program {
    private static final String BACKUP = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/01489602797149-73d8d5bc";
    private static final AttributeValue ONE = AttributeValue.fromN("1");

    private final DynamoDbClient dynamodb;
    private final DynamoDbStreamsClient streams;

    private Program(int timeout) {
        dynamodb = pointed(DynamoDbClient.builder(), timeout).build();
        streams = pointed(DynamoDbStreamsClient.builder(), timeout).build();
    }

    private static <B extends AwsClientBuilder<B, ?> & AwsSyncClientBuilder<B, ?>> B pointed(B builder, int timeout) {
        builder.endpointOverride(URI.create(System.getenv("DYNAFAULT_URL")));
        if (timeout > 0) {
            builder.httpClientBuilder(Apache5HttpClient.builder().socketTimeout(Duration.ofSeconds(timeout)));
        }
        return builder;
    }

    private static Map<String, AttributeValue> id(String id) {
        return Map.of("id", AttributeValue.fromS(id));
    }

    private String get(String id) {
        Map<String, AttributeValue> item = dynamodb.getItem(r -> r.tableName("orders").key(id(id)).consistentRead(true)).item();
        return item.containsKey("amount") && "3".equals(item.get("amount").n()) ? "the item" : "an answer without the item";
    }

    private String put(String id) {
        dynamodb.putItem(r -> r.tableName("orders").item(Map.of("id", AttributeValue.fromS(id), "amount", ONE)));
        return "success";
    }

    private String update(String id, String expression, String condition) {
        dynamodb.updateItem(r -> r.tableName("orders").key(id(id)).updateExpression(expression).conditionExpression(condition)
            .expressionAttributeValues(Map.of(":one", ONE)));
        return "success";
    }

    private String transact(String id) {
        dynamodb.transactWriteItems(r -> r.transactItems(i -> i.put(p -> p.tableName("orders").item(id(id)))));
        return "success";
    }

    /** The SDK leaves unprocessed items to its caller. */
    private String batch(String id) throws InterruptedException {
        List<WriteRequest> requests = IntStream.range(0, 4)
            .mapToObj(number -> WriteRequest.builder().putRequest(p -> p.item(id(id + "-" + number))).build()).toList();
        Map<String, List<WriteRequest>> left = Map.of("orders", requests);
        for (int tries = 0; tries < 8; tries++) {
            Map<String, List<WriteRequest>> sent = left;
            left = dynamodb.batchWriteItem(r -> r.requestItems(sent)).unprocessedItems();
            if (left.isEmpty()) {
                return "all written";
            }
            Thread.sleep(ThreadLocalRandom.current().nextLong(50, 100) << tries);
        }
        return "some left";
    }

    private String createTable(String id) {
        dynamodb.createTable(r -> r.tableName("table-" + id).billingMode(BillingMode.PAY_PER_REQUEST)
            .keySchema(k -> k.attributeName("id").keyType(KeyType.HASH))
            .attributeDefinitions(a -> a.attributeName("id").attributeType(ScalarAttributeType.S)));
        return "success";
    }

    private String restore(String id) {
        dynamodb.restoreTableFromBackup(r -> r.targetTableName("restored-" + id).backupArn(BACKUP));
        return "success";
    }

    private String records(String id) {
        put(id + "-0");
        put(id + "-1");
        String arn = streams.listStreams(r -> r.tableName("orders")).streams().get(0).streamArn();
        String shard = streams.describeStream(r -> r.streamArn(arn)).streamDescription().shards().get(0).shardId();
        GetShardIteratorRequest from = GetShardIteratorRequest.builder().streamArn(arn).shardId(shard)
            .shardIteratorType(ShardIteratorType.TRIM_HORIZON).build();
        String first = streams.getShardIterator(from).shardIterator();
        var answer = streams.getRecords(r -> r.shardIterator(first).limit(1));
        String reached = answer.records().get(0).dynamodb().sequenceNumber();
        try {
            streams.getRecords(r -> r.shardIterator(answer.nextShardIterator()));
            return "no error";
        } catch (ExpiredIteratorException expired) {
            String again = streams.getShardIterator(from.toBuilder().shardIteratorType(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                .sequenceNumber(reached).build()).shardIterator();
            int rest = streams.getRecords(r -> r.shardIterator(again)).records().size();
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
            case "records" -> records(id);
            default -> throw new IllegalArgumentException(does);
        };
    }

    private void work(String does, int worker, int calls) {
        for (int call = 0; call < calls; call++) {
            Map<String, Object> said = new LinkedHashMap<>(Map.of("worker", worker, "call", call));
            try {
                said.put("saw", act(does, worker + "-" + call));
            } catch (AwsServiceException error) {
                said.put("error", error.getClass().getSimpleName());
                said.put("code", String.valueOf(error.awsErrorDetails() == null ? null : error.awsErrorDetails().errorCode()));
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
        print(Map.of("sdk", "java-v2", "version", VersionInfo.SDK_VERSION, "runtime", "Java " + Runtime.version().feature()));
        Program program = new Program(Integer.parseInt(args[3]));
        int workers = Integer.parseInt(args[1]);
        var pool = Executors.newFixedThreadPool(workers);
        for (int number = 0; number < workers; number++) {
            int worker = number;
            pool.submit(() -> program.work(args[0], worker, Integer.parseInt(args[2])));
        }
        pool.shutdown();
    }
}
