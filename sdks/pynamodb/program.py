"""What PynamoDB is asked to do: `python program.py DOES WORKERS CALLS TIMEOUT` (see ../README.md). It knows neither Streams nor
backups."""

import json
import os
import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

DOES, WORKERS, CALLS, TIMEOUT = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])


class Meta:
    table_name = "orders"
    host = os.environ["DYNAFAULT_URL"]
    region = os.environ["AWS_REGION"]
    billing_mode = "PAY_PER_REQUEST"


if TIMEOUT:
    Meta.connect_timeout_seconds = Meta.read_timeout_seconds = TIMEOUT


class Order(Model):
    Meta = Meta
    id = UnicodeAttribute(hash_key=True)
    amount = NumberAttribute(null=True)


CONNECTION = Order._get_connection().connection
# Each thread that finds no client yet makes one, and they hold each other up
assert CONNECTION.client


def get(key):
    try:
        return "the item" if Order.get(key, consistent_read=True).amount == 3 else "an answer without the item"
    except Order.DoesNotExist:
        return "an answer without the item"


def get_known(key):
    return get("known")


def put(key):
    Order(key, amount=1).save()


def add(key):
    Order(key).update(actions=[Order.amount.add(1)])


def conditional(key):
    Order(key).update(actions=[Order.amount.set(1)], condition=Order.id.does_not_exist())


def transact(key):
    with TransactWrite(connection=CONNECTION) as transaction:
        transaction.save(Order(key))


def batch(key):
    """PynamoDB sends unprocessed items again by itself."""
    with Order.batch_write() as batch:
        for number in range(4):
            batch.save(Order(f"{key}-{number}"))
    return "all written"


def create_table(key):
    CONNECTION.create_table(
        f"table-{key}",
        attribute_definitions=[{"attribute_name": "id", "attribute_type": "S"}],
        key_schema=[{"attribute_name": "id", "key_type": "HASH"}],
        billing_mode=Meta.billing_mode,
    )


def work(worker):
    do = globals()[DOES.replace("-", "_")]
    for call in range(CALLS):
        try:
            said = {"saw": do(f"{worker}-{call}") or "success"}
        except PynamoDBException as error:
            said = {"error": type(error).__name__, "code": error.cause_response_code}
        except Exception as error:
            said = {"error": type(error).__name__}
        print(json.dumps({"worker": worker, "call": call, **said}), flush=True)


print(json.dumps({"sdk": "pynamodb", "version": version("pynamodb"), "runtime": f"Python {platform.python_version()}"}), flush=True)
with ThreadPoolExecutor(WORKERS) as pool:
    list(pool.map(work, range(WORKERS)))
