package orders

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/dynamodb"
)

func TestAnOrderSurvivesThrottling(t *testing.T) {
	// This SDK reads its endpoint from nowhere: hand it over. "" is AWS's own, so the line may stay in production.
	settings := aws.Config{Endpoint: aws.String(os.Getenv("DYNAFAULT_URL"))}
	_, err := dynamodb.New(session.Must(session.NewSession(&settings))).PutItem(&dynamodb.PutItemInput{
		TableName: aws.String("orders"),
		Item: map[string]*dynamodb.AttributeValue{
			"customer": {S: aws.String("bob")},
			"order":    {N: aws.String("1")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}
