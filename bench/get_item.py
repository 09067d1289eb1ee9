"""GetItem over HTTP, eight kept connections, one core, the journal on and a scenario of twenty rules loaded."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.serving import serving, wrk

OPERATIONS = ("PutItem", "UpdateItem", "DeleteItem", "Query", "Scan")
TABLES = ("orders", "payments", "users", "stock")


def run() -> None:
    rules = [
        {
            "name": f"{operation} on {table}",
            "when": {"operation": operation, "table": table, "attempt": "1..2"},
            "fault": "ThrottlingException",
        }
        for operation in OPERATIONS
        for table in TABLES
    ]
    table = {"name": "orders", "key": {"customer": "S", "order": "N"}, "items": [{"customer": "ada", "order": 1, "status": "open"}]}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scenario = folder / "twenty-rules.json"
        scenario.write_text(json.dumps({"version": 1, "tables": [table], "rules": rules}))
        body = json.dumps({"TableName": "orders", "Key": {"customer": {"S": "ada"}, "order": {"N": "1"}}})
        with serving(str(scenario)) as (url, _, _):
            rates = [wrk(url, "GetItem", [body], folder) for _ in range(3)]
    print(f"get_item: {max(rates):,.0f} requests/s (best of {len(rates)}: {', '.join(f'{rate:,.0f}' for rate in rates)})")
