"""Write emulator/services/*.json from the service models of the installed botocore.

Names, types, limits, enums and declared errors are kept; documentation is not. Run it after upgrading botocore:

    python tools/generate_services.py            # write
    python tools/generate_services.py --check    # exit 1 if the files differ from what would be written
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import botocore
import botocore.loaders

FOLDER = Path(__file__).resolve().parent.parent / "emulator" / "services"
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
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    for key, convert in (("operations", _operation), ("shapes", _shape)):
        rows = [f"  {json.dumps(name)}: {json.dumps(convert(value))}" for name, value in model[key].items()]
        lines.append(f"{json.dumps(key)}: {{\n" + ",\n".join(rows) + "\n}" + ("," if key == "operations" else ""))
    return "{\n" + "\n".join(lines) + "\n}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    stale = 0
    for service in SOURCES:
        path = FOLDER / f"{service}.json"
        text = render(service)
        if path.exists() and path.read_text() == text:
            continue
        stale += 1
        print(f"{path.name}: {'differs from' if check else 'written from'} botocore {botocore.__version__}")
        if not check:
            path.write_text(text)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
