"""Write emulator/aws/services/*.json from the service models of the installed botocore.

Names, types, limits, enums, declared errors and what the legacy retry mode retries are kept; documentation is not. Each file names the
botocore that it was made from, which is the locked one. Run it after `make lock` has moved botocore:

    python tools/generate_services.py            # write
    python tools/generate_services.py --check    # exit 1 if the files differ from what would be written

With another botocore than a file names, --check compares nothing, says so and exits with 3: what is new there is told by `make drift`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import botocore
import botocore.loaders

FOLDER = Path(__file__).resolve().parent.parent / "emulator" / "aws" / "services"
# Our short name of a service -> botocore's folder
SOURCES = {"dynamodb": "dynamodb", "streams": "dynamodbstreams", "backup-gateway": "backup-gateway", "backup": "backup"}
SHAPE_KEYS = ("type", "required", "min", "max", "pattern", "enum", "exception", "fault", "error", "retryable", "box")


def _reference(member: dict[str, Any]) -> dict[str, Any] | str:
    kept: dict[str, Any] = {key: member[key] for key in ("shape", "location", "locationName", "idempotencyToken") if key in member}
    return kept if len(kept) > 1 else str(member["shape"])


def _shape(source: dict[str, Any]) -> dict[str, Any]:
    shape = {key: source[key] for key in SHAPE_KEYS if key in source}
    if "members" in source:
        shape["members"] = {name: _reference(member) for name, member in source["members"].items()}
    for part in ("member", "key", "value"):
        if part in source:
            shape[part] = _reference(source[part])
    return shape


def _operation(source: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {"http": [source["http"]["method"], source["http"]["requestUri"]]}
    for part in ("input", "output"):
        if part in source:
            operation[part] = source[part]["shape"]
    operation["errors"] = [error["shape"] for error in source.get("errors", ())]
    if source.get("idempotent"):
        operation["idempotent"] = True
    return operation


def _retry(service: str, source: dict[str, Any]) -> dict[str, Any]:
    """What botocore's legacy mode does for a service: the general rules, and the service's own over them."""
    rules = {**source["retry"]["__default__"], **source["retry"].get(service, {}).get("__default__", {})}
    policies = {**source["retry"]["__default__"]["policies"], **rules["policies"]}
    rules["policies"] = {name: source["definitions"][rule["$ref"]] if "$ref" in rule else rule for name, rule in policies.items()}
    return rules


def render(service: str) -> str:
    """The JSON text of one service, one line per operation and per shape so that a new model reads well as a diff."""
    loader = botocore.loaders.Loader()
    folder = SOURCES[service]
    version = loader.determine_latest_version(folder, "service-2")
    model = loader.load_service_model(folder, "service-2", version)
    metadata = model["metadata"]
    head = {
        "service": service,
        "botocore": botocore.__version__,
        "version": version,
        "protocols": metadata["protocols"],
        "target_prefix": metadata.get("targetPrefix"),
        "signing_name": metadata.get("signingName", metadata["endpointPrefix"]),
        "retry": _retry(folder, loader.load_data("_retry")),
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    for key, convert in (("operations", _operation), ("shapes", _shape)):
        rows = [f"  {json.dumps(name)}: {json.dumps(convert(value))}" for name, value in model[key].items()]
        lines.append(f"{json.dumps(key)}: {{\n" + ",\n".join(rows) + "\n}" + ("," if key == "operations" else ""))
    return "{\n" + "\n".join(lines) + "\n}\n"


def named_botocore(path: Path) -> str:
    """The version of botocore that a file was made from."""
    return str(json.loads(path.read_text("utf-8"))["botocore"])


def check() -> int:
    """Compare the files with what would be written; the exit status."""
    paths = [FOLDER / f"{service}.json" for service in SOURCES]
    others = sorted({named_botocore(path) for path in paths} - {botocore.__version__})
    if others:
        print(f"nothing compared: the files are made from botocore {', '.join(others)}, and {botocore.__version__} is installed")
        return 3
    stale = [path.name for path in paths if path.read_text("utf-8") != render(path.stem)]
    for name in stale:
        print(f"{name}: differs from botocore {botocore.__version__}")
    return 1 if stale else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    if parser.parse_args().check:
        return check()
    for service in SOURCES:
        (FOLDER / f"{service}.json").write_text(render(service), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
