import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class OrdersTest {
    @Test
    void anOrderSurvivesThrottling() {
        // Endpoint, region and credentials are in the environment
        try (DynamoDbClient client = DynamoDbClient.create()) {
            var order = Map.of("customer", AttributeValue.fromS("bob"), "order", AttributeValue.fromN("1"));
            var answer = client.putItem(request -> request.tableName("orders").item(order));
            assertTrue(answer.sdkHttpResponse().isSuccessful());
        }
    }
}
