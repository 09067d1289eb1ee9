import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDB;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBClientBuilder;
import com.amazonaws.services.dynamodbv2.model.AttributeValue;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OrdersTest {
    static AmazonDynamoDB client() {
        // This SDK reads its endpoint from nowhere: hand it over where there is one
        var builder = AmazonDynamoDBClientBuilder.standard();
        var url = System.getenv("DYNAFAULT_URL");
        if (url != null) {
            builder.withEndpointConfiguration(new EndpointConfiguration(url, System.getenv("AWS_REGION")));
        }
        return builder.build();
    }

    @Test
    void anOrderSurvivesThrottling() {
        var order = Map.of("customer", new AttributeValue().withS("bob"), "order", new AttributeValue().withN("1"));
        client().putItem("orders", order);
    }
}
