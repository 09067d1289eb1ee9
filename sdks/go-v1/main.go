// What the AWS SDK for Go v1 is asked to do: `program DOES WORKERS CALLS TIMEOUT` (see ../README.md).
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/awserr"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/backupgateway"
	"github.com/aws/aws-sdk-go/service/dynamodb"
	"github.com/aws/aws-sdk-go/service/dynamodbstreams"
)

const backup = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/01489602797149-73d8d5bc"

var (
	orders  = aws.String("orders")
	db      *dynamodb.DynamoDB
	streams *dynamodbstreams.DynamoDBStreams
	gateway *backupgateway.BackupGateway
)

type item = map[string]*dynamodb.AttributeValue

func id(text string) item { return item{"id": {S: aws.String(text)}} }

func order(key string) item {
	made := id(key)
	made["amount"] = &dynamodb.AttributeValue{N: aws.String("1")}
	return made
}

func get(key string) (string, error) {
	answer, err := db.GetItem(&dynamodb.GetItemInput{TableName: orders, Key: id(key), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return "", err
	}
	if total := answer.Item["amount"]; total != nil && aws.StringValue(total.N) == "3" {
		return "the item", nil
	}
	return "an answer without the item", nil
}

func getKnown(string) (string, error) { return get("known") }

func put(key string) (string, error) {
	_, err := db.PutItem(&dynamodb.PutItemInput{TableName: orders, Item: order(key)})
	return "", err
}

func update(key, expression string, condition *string) error {
	_, err := db.UpdateItem(&dynamodb.UpdateItemInput{
		TableName: orders, Key: id(key), UpdateExpression: &expression, ConditionExpression: condition,
		ExpressionAttributeValues: item{":one": {N: aws.String("1")}},
	})
	return err
}

func add(key string) (string, error) { return "", update(key, "ADD amount :one", nil) }

func conditional(key string) (string, error) {
	return "", update(key, "SET amount = :one", aws.String("attribute_not_exists(id)"))
}

func transact(key string) (string, error) {
	_, err := db.TransactWriteItems(&dynamodb.TransactWriteItemsInput{
		TransactItems: []*dynamodb.TransactWriteItem{{Put: &dynamodb.Put{TableName: orders, Item: id(key)}}},
	})
	return "", err
}

// The SDK leaves unprocessed items to its caller
func batch(key string) (string, error) {
	left := map[string][]*dynamodb.WriteRequest{}
	for number := range 4 {
		request := &dynamodb.WriteRequest{PutRequest: &dynamodb.PutRequest{Item: id(fmt.Sprintf("%s-%d", key, number))}}
		left["orders"] = append(left["orders"], request)
	}
	for tries := range 8 {
		answer, err := db.BatchWriteItem(&dynamodb.BatchWriteItemInput{RequestItems: left})
		if err != nil {
			return "", err
		}
		if left = answer.UnprocessedItems; len(left) == 0 {
			return "all written", nil
		}
		time.Sleep(time.Duration(50+rand.Intn(50)) * time.Millisecond << tries)
	}
	return "some left", nil
}

func createTable(key string) (string, error) {
	_, err := db.CreateTable(&dynamodb.CreateTableInput{
		TableName:            aws.String("table-" + key),
		KeySchema:            []*dynamodb.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: aws.String("HASH")}},
		AttributeDefinitions: []*dynamodb.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: aws.String("S")}},
		BillingMode:          aws.String("PAY_PER_REQUEST"),
	})
	return "", err
}

func restore(key string) (string, error) {
	_, err := db.RestoreTableFromBackup(&dynamodb.RestoreTableFromBackupInput{
		TargetTableName: aws.String("restored-" + key), BackupArn: aws.String(backup),
	})
	return "", err
}

func gateways(string) (string, error) {
	_, err := gateway.ListGateways(&backupgateway.ListGatewaysInput{})
	return "", err
}

func records(key string) (string, error) {
	for number := range 2 {
		if _, err := put(fmt.Sprintf("%s-%d", key, number)); err != nil {
			return "", err
		}
	}
	listed, err := streams.ListStreams(&dynamodbstreams.ListStreamsInput{TableName: orders})
	if err != nil {
		return "", err
	}
	arn := listed.Streams[0].StreamArn
	described, err := streams.DescribeStream(&dynamodbstreams.DescribeStreamInput{StreamArn: arn})
	if err != nil {
		return "", err
	}
	where := dynamodbstreams.GetShardIteratorInput{
		StreamArn: arn, ShardId: described.StreamDescription.Shards[0].ShardId, ShardIteratorType: aws.String("TRIM_HORIZON"),
	}
	first, err := streams.GetShardIterator(&where)
	if err != nil {
		return "", err
	}
	answer, err := streams.GetRecords(&dynamodbstreams.GetRecordsInput{ShardIterator: first.ShardIterator, Limit: aws.Int64(1)})
	if err != nil {
		return "", err
	}
	where.ShardIteratorType = aws.String("AFTER_SEQUENCE_NUMBER")
	where.SequenceNumber = answer.Records[len(answer.Records)-1].Dynamodb.SequenceNumber
	_, err = streams.GetRecords(&dynamodbstreams.GetRecordsInput{ShardIterator: answer.NextShardIterator})
	var expired *dynamodbstreams.ExpiredIteratorException
	if !errors.As(err, &expired) {
		return "no ExpiredIteratorException", err
	}
	again, err := streams.GetShardIterator(&where)
	if err != nil {
		return "", err
	}
	rest, err := streams.GetRecords(&dynamodbstreams.GetRecordsInput{ShardIterator: again.ShardIterator})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("ExpiredIteratorException, then %d more", len(rest.Records)), nil
}

var actions = map[string]func(string) (string, error){
	"get": get, "get-known": getKnown, "put": put, "add": add, "conditional": conditional, "transact": transact, "batch": batch,
	"create-table": createTable, "restore": restore, "gateways": gateways, "records": records,
}

func said(worker, call int, saw string, err error) map[string]any {
	line := map[string]any{"worker": worker, "call": call}
	if err == nil {
		if saw == "" {
			saw = "success"
		}
		line["saw"] = saw
		return line
	}
	line["error"] = strings.TrimPrefix(fmt.Sprintf("%T", err), "*")
	var api awserr.Error
	if errors.As(err, &api) {
		line["code"] = api.Code()
	}
	return line
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	action, workers, calls, timeout := actions[os.Args[1]], number(os.Args[2]), number(os.Args[3]), number(os.Args[4])
	settings := aws.Config{Endpoint: aws.String(os.Getenv("DYNAFAULT_URL"))}
	if timeout > 0 {
		settings.HTTPClient = &http.Client{Timeout: time.Duration(timeout) * time.Second}
	}
	shared := session.Must(session.NewSession(&settings))
	db, streams, gateway = dynamodb.New(shared), dynamodbstreams.New(shared), backupgateway.New(shared)
	out := json.NewEncoder(os.Stdout)
	_ = out.Encode(map[string]string{"sdk": "go-v1", "version": aws.SDKVersion, "runtime": "Go " + strings.TrimPrefix(runtime.Version(), "go")})
	var mutex sync.Mutex
	var group sync.WaitGroup
	for worker := range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			for call := range calls {
				saw, err := action(fmt.Sprintf("%d-%d", worker, call))
				mutex.Lock()
				_ = out.Encode(said(worker, call, saw, err))
				mutex.Unlock()
			}
		}()
	}
	group.Wait()
}
