// What the AWS SDK for Go v2 is asked to do: `program DOES WORKERS CALLS TIMEOUT` (see ../README.md).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/aws/smithy-go"
)

const backup = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/01489602797149-73d8d5bc"

var (
	ctx     = context.Background()
	orders  = aws.String("orders")
	db      *dynamodb.Client
	streams *dynamodbstreams.Client
)

type item = map[string]types.AttributeValue

func id(text string) item { return item{"id": &types.AttributeValueMemberS{Value: text}} }

func order(key string) item {
	made := id(key)
	made["amount"] = &types.AttributeValueMemberN{Value: "1"}
	return made
}

func get(key string) (string, error) {
	answer, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: orders, Key: id(key), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return "", err
	}
	if total, ok := answer.Item["amount"].(*types.AttributeValueMemberN); ok && total.Value == "3" {
		return "the item", nil
	}
	return "an answer without the item", nil
}

func getKnown(string) (string, error) { return get("known") }

func put(key string) (string, error) {
	_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: orders, Item: order(key)})
	return "", err
}

func update(key, expression string, condition *string) error {
	_, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: orders, Key: id(key), UpdateExpression: &expression, ConditionExpression: condition,
		ExpressionAttributeValues: item{":one": &types.AttributeValueMemberN{Value: "1"}},
	})
	return err
}

func add(key string) (string, error) { return "", update(key, "ADD amount :one", nil) }

func conditional(key string) (string, error) {
	return "", update(key, "SET amount = :one", aws.String("attribute_not_exists(id)"))
}

func transact(key string) (string, error) {
	_, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: orders, Item: id(key)}}},
	})
	return "", err
}

// The SDK leaves unprocessed items to its caller
func batch(key string) (string, error) {
	left := map[string][]types.WriteRequest{}
	for number := range 4 {
		request := types.WriteRequest{PutRequest: &types.PutRequest{Item: id(fmt.Sprintf("%s-%d", key, number))}}
		left["orders"] = append(left["orders"], request)
	}
	for tries := range 8 {
		answer, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: left})
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
	_, err := db.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:            aws.String("table-" + key),
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		BillingMode:          types.BillingModePayPerRequest,
	})
	return "", err
}

func restore(key string) (string, error) {
	_, err := db.RestoreTableFromBackup(ctx, &dynamodb.RestoreTableFromBackupInput{
		TargetTableName: aws.String("restored-" + key), BackupArn: aws.String(backup),
	})
	return "", err
}

func records(key string) (string, error) {
	for number := range 2 {
		if _, err := put(fmt.Sprintf("%s-%d", key, number)); err != nil {
			return "", err
		}
	}
	listed, err := streams.ListStreams(ctx, &dynamodbstreams.ListStreamsInput{TableName: orders})
	if err != nil {
		return "", err
	}
	arn := listed.Streams[0].StreamArn
	described, err := streams.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: arn})
	if err != nil {
		return "", err
	}
	where := dynamodbstreams.GetShardIteratorInput{
		StreamArn: arn, ShardId: described.StreamDescription.Shards[0].ShardId, ShardIteratorType: streamtypes.ShardIteratorTypeTrimHorizon,
	}
	first, err := streams.GetShardIterator(ctx, &where)
	if err != nil {
		return "", err
	}
	answer, err := streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: first.ShardIterator, Limit: aws.Int32(1)})
	if err != nil {
		return "", err
	}
	where.ShardIteratorType = streamtypes.ShardIteratorTypeAfterSequenceNumber
	where.SequenceNumber = answer.Records[len(answer.Records)-1].Dynamodb.SequenceNumber
	_, err = streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: answer.NextShardIterator})
	var expired *streamtypes.ExpiredIteratorException
	if !errors.As(err, &expired) {
		return "no ExpiredIteratorException", err
	}
	again, err := streams.GetShardIterator(ctx, &where)
	if err != nil {
		return "", err
	}
	rest, err := streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: again.ShardIterator})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("ExpiredIteratorException, then %d more", len(rest.Records)), nil
}

var actions = map[string]func(string) (string, error){
	"get": get, "get-known": getKnown, "put": put, "add": add, "conditional": conditional, "transact": transact, "batch": batch,
	"create-table": createTable, "restore": restore, "records": records,
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
	// The SDK wraps everything in an OperationError; what is inside says more
	inner := err
	for errors.Unwrap(inner) != nil {
		inner = errors.Unwrap(inner)
	}
	line["error"] = strings.TrimPrefix(fmt.Sprintf("%T", inner), "*")
	var api smithy.APIError
	if errors.As(err, &api) {
		line["error"], line["code"] = strings.TrimPrefix(fmt.Sprintf("%T", api), "*"), api.ErrorCode()
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

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "github.com/aws/aws-sdk-go-v2/service/dynamodb" {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return "unknown"
}

func main() {
	action, workers, calls, timeout := actions[os.Args[1]], number(os.Args[2]), number(os.Args[3]), number(os.Args[4])
	options := []func(*config.LoadOptions) error{config.WithBaseEndpoint(os.Getenv("DYNAFAULT_URL"))}
	if timeout > 0 {
		client := awshttp.NewBuildableClient().WithTransportOptions(func(transport *http.Transport) {
			transport.ResponseHeaderTimeout = time.Duration(timeout) * time.Second
		})
		options = append(options, config.WithHTTPClient(client))
	}
	settings, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		panic(err)
	}
	db, streams = dynamodb.NewFromConfig(settings), dynamodbstreams.NewFromConfig(settings)
	out := json.NewEncoder(os.Stdout)
	_ = out.Encode(map[string]string{"sdk": "go-v2", "version": version(), "runtime": "Go " + strings.TrimPrefix(runtime.Version(), "go")})
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
