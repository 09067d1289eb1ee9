"""What AWS publishes about each API, as data: operations, shapes, limits, enums, declared errors.

The JSON files are generated from botocore by tools/generate_services.py and never edited by hand. What the live service
does beyond its model (the order of its checks, its sentences) is knowledge of `wire`, not of this package.
"""

from emulator.aws.services.model import Member, Operation, Service, Shape, is_read_only, load_service, load_services, writes_of

__all__ = ["Member", "Operation", "Service", "Shape", "is_read_only", "load_service", "load_services", "writes_of"]
