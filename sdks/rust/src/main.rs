//! What the AWS SDK for Rust is asked to do: `program DOES WORKERS CALLS TIMEOUT` (see ../README.md).

use aws_config::{timeout::TimeoutConfig, BehaviorVersion};
use aws_sdk_dynamodb::{
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, Put, PutRequest, ScalarAttributeType, TransactWriteItem,
        WriteRequest,
    },
};
use aws_sdk_dynamodbstreams::types::ShardIteratorType;
use serde_json::{json, Value};
use std::{collections::HashMap, env, time::Duration};

const BACKUP: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/01489602797149-73d8d5bc";

#[derive(Clone)]
struct Clients {
    dynamodb: aws_sdk_dynamodb::Client,
    streams: aws_sdk_dynamodbstreams::Client,
    gateway: aws_sdk_backupgateway::Client,
}

/// What the application is told of a failure.
struct Failure(Value);

impl<E: ProvideErrorMetadata + std::error::Error + 'static, R: std::fmt::Debug> From<SdkError<E, R>> for Failure {
    fn from(error: SdkError<E, R>) -> Self {
        let kind = match &error {
            SdkError::ConstructionFailure(_) => "SdkError::ConstructionFailure",
            SdkError::TimeoutError(_) => "SdkError::TimeoutError",
            SdkError::DispatchFailure(_) => "SdkError::DispatchFailure",
            SdkError::ResponseError(_) => "SdkError::ResponseError",
            SdkError::ServiceError(_) => "SdkError::ServiceError",
            _ => "SdkError",
        };
        eprintln!("{}", DisplayErrorContext(&error));
        Failure(match error.code() {
            Some(code) => json!({"error": kind, "code": code}),
            None => json!({"error": kind}),
        })
    }
}

type Saw = Result<String, Failure>;

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

fn one() -> AttributeValue {
    AttributeValue::N("1".to_string())
}

fn success() -> Saw {
    Ok("success".to_string())
}

impl Clients {
    async fn get(&self, id: &str) -> Saw {
        let answer = self.dynamodb.get_item().table_name("orders").key("id", text(id)).consistent_read(true).send().await?;
        let total = answer.item.and_then(|item| item.get("amount").and_then(|total| total.as_n().ok().cloned()));
        Ok(if total.as_deref() == Some("3") { "the item" } else { "an answer without the item" }.to_string())
    }

    async fn put(&self, id: &str) -> Saw {
        self.dynamodb.put_item().table_name("orders").item("id", text(id)).item("amount", one()).send().await?;
        success()
    }

    async fn update(&self, id: &str, expression: &str, condition: Option<String>) -> Saw {
        self.dynamodb
            .update_item()
            .table_name("orders")
            .key("id", text(id))
            .update_expression(expression)
            .set_condition_expression(condition)
            .expression_attribute_values(":one", one())
            .send()
            .await?;
        success()
    }

    async fn transact(&self, id: &str) -> Saw {
        let put = Put::builder().table_name("orders").item("id", text(id)).build().unwrap();
        self.dynamodb.transact_write_items().transact_items(TransactWriteItem::builder().put(put).build()).send().await?;
        success()
    }

    /// The SDK leaves unprocessed items to its caller.
    async fn batch(&self, id: &str) -> Saw {
        let request = |number| {
            let put = PutRequest::builder().item("id", text(&format!("{id}-{number}"))).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        };
        let mut left = HashMap::from([("orders".to_string(), (0..4).map(request).collect::<Vec<_>>())]);
        for tries in 0..8u64 {
            let answer = self.dynamodb.batch_write_item().set_request_items(Some(left)).send().await?;
            left = answer.unprocessed_items.unwrap_or_default();
            if left.is_empty() {
                return Ok("all written".to_string());
            }
            // Enough to tell workers apart, without a library for random numbers
            let jitter = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos() as u64 % 50;
            tokio::time::sleep(Duration::from_millis((50 + jitter) << tries)).await;
        }
        Ok("some left".to_string())
    }

    async fn create_table(&self, id: &str) -> Saw {
        self.dynamodb
            .create_table()
            .table_name(format!("table-{id}"))
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap())
            .attribute_definitions(AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S).build().unwrap())
            .send()
            .await?;
        success()
    }

    async fn restore(&self, id: &str) -> Saw {
        self.dynamodb.restore_table_from_backup().target_table_name(format!("restored-{id}")).backup_arn(BACKUP).send().await?;
        success()
    }

    async fn gateways(&self) -> Saw {
        self.gateway.list_gateways().send().await?;
        success()
    }

    async fn records(&self, id: &str) -> Saw {
        for number in 0..2 {
            self.put(&format!("{id}-{number}")).await?;
        }
        let listed = self.streams.list_streams().table_name("orders").send().await?;
        let arn = listed.streams()[0].stream_arn().unwrap().to_string();
        let described = self.streams.describe_stream().stream_arn(&arn).send().await?;
        let shard = described.stream_description().unwrap().shards()[0].shard_id().unwrap().to_string();
        let from = self.streams.get_shard_iterator().stream_arn(&arn).shard_id(&shard);
        let first = from.clone().shard_iterator_type(ShardIteratorType::TrimHorizon).send().await?;
        let answer = self.streams.get_records().set_shard_iterator(first.shard_iterator).limit(1).send().await?;
        let reached = answer.records()[0].dynamodb().unwrap().sequence_number().unwrap().to_string();
        match self.streams.get_records().set_shard_iterator(answer.next_shard_iterator).send().await {
            Ok(_) => Ok("no error".to_string()),
            Err(error) if error.as_service_error().is_some_and(|inner| inner.is_expired_iterator_exception()) => {
                let again = from.shard_iterator_type(ShardIteratorType::AfterSequenceNumber).sequence_number(reached).send().await?;
                let rest = self.streams.get_records().set_shard_iterator(again.shard_iterator).send().await?;
                Ok(format!("ExpiredIteratorException, then {} more", rest.records().len()))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn act(&self, does: &str, id: &str) -> Saw {
        match does {
            "get" => self.get(id).await,
            "get-known" => self.get("known").await,
            "put" => self.put(id).await,
            "add" => self.update(id, "ADD amount :one", None).await,
            "conditional" => self.update(id, "SET amount = :one", Some("attribute_not_exists(id)".to_string())).await,
            "transact" => self.transact(id).await,
            "batch" => self.batch(id).await,
            "create-table" => self.create_table(id).await,
            "restore" => self.restore(id).await,
            "gateways" => self.gateways().await,
            "records" => self.records(id).await,
            _ => panic!("{does}?"),
        }
    }

    async fn work(self, does: String, worker: usize, calls: usize) {
        for call in 0..calls {
            let mut said = match self.act(&does, &format!("{worker}-{call}")).await {
                Ok(saw) => json!({"saw": saw}),
                Err(Failure(failure)) => failure,
            };
            said["worker"] = worker.into();
            said["call"] = call.into();
            println!("{said}");
        }
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = env::args().collect();
    let number = |place: usize| arguments[place].parse::<usize>().expect("a number");
    println!("{}", json!({"sdk": "rust", "version": aws_sdk_dynamodb::meta::PKG_VERSION, "runtime": "Rust"}));
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).endpoint_url(env::var("DYNAFAULT_URL").expect("an endpoint"));
    if number(4) > 0 {
        loader = loader.timeout_config(TimeoutConfig::builder().read_timeout(Duration::from_secs(number(4) as u64)).build());
    }
    let config = loader.load().await;
    let clients = Clients {
        dynamodb: aws_sdk_dynamodb::Client::new(&config),
        streams: aws_sdk_dynamodbstreams::Client::new(&config),
        gateway: aws_sdk_backupgateway::Client::new(&config),
    };
    let workers: Vec<_> = (0..number(2)).map(|worker| tokio::spawn(clients.clone().work(arguments[1].clone(), worker, number(3)))).collect();
    for worker in workers {
        worker.await.expect("a worker that ends");
    }
}
