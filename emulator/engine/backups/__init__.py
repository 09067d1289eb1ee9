"""On-demand backups: what they hold, which there are, how the service describes them, and what is restored from them."""

from emulator.engine.backups.backup import Backup
from emulator.engine.backups.describing import backup_description, backup_details, backup_summary
from emulator.engine.backups.restoring import restored_definition
from emulator.engine.backups.shelf import Backups, check_arn, place

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
