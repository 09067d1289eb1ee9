"""On-demand backups: what they hold, which there are, how the service describes them, and what is restored from them."""

from emulator.backends.dynamodb.backups.backup import Backup
from emulator.backends.dynamodb.backups.describing import backup_description, backup_details, backup_summary
from emulator.backends.dynamodb.backups.registry import Backups, check_arn, place
from emulator.backends.dynamodb.backups.restoring import restored_definition

__all__ = [
    "Backup",
    "Backups",
    "backup_description",
    "backup_details",
    "backup_summary",
    "check_arn",
    "place",
    "restored_definition",
]
