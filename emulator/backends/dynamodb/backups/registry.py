"""Which backups there are. They belong to an account and a region, and outlive the tables that they were made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.backups.backup import Backup, snapshot
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.table import Table
from emulator.messages import Call

_KEPT = 35 * 86_400  # seconds
_ARN = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/.+")


class Backups:
    """The backups of all accounts and regions, guarded by the engine's lock."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._backups: dict[tuple[str, str], dict[str, Backup]] = {}
        self._serial = 0

    def make(self, call: Call, table: Table, name: str, now: float, delay: float) -> Backup:
        """Back up a table, which takes `delay` seconds; names need not be unique."""
        self._serial += 1
        # Milliseconds in 14 digits, and eight more of hexadecimal: as the service does, but in the order of their making
        arn = f"{table.arn}/backup/{round(now * 1000):014}-{self._serial:08x}"
        backup = Backup(arn, name, now, self._elapsed() + delay, snapshot(table), self._elapsed)
        self._backups.setdefault((call.account, call.region), {})[arn] = backup
        return backup

    def keep_deleted(self, call: Call, table: Table, now: float) -> None:
        """Keep a system backup of a deleted table that had point-in-time recovery, for 35 days (Developer Guide, "Before you begin using
        point-in-time recovery")."""
        backup = self.make(call, table, f"{table.name}$DeletedTableBackup", now, 0.0)
        backup.kind, backup.expires = "SYSTEM", now + _KEPT

    def get(self, call: Call, arn: str, now: float) -> Backup:
        """The backup of that ARN. Raises ServiceError: ValidationException for what is no ARN of the kind,
        BackupNotFoundException where there is no such backup, no longer, or not in this region."""
        check_arn(arn)
        backup = self._backups.get((call.account, call.region), {}).get(arn)
        if backup is None or _is_gone(backup, now):
            # As answered by the live service (turbot/steampipe-plugin-aws#1913)
            raise ServiceError("BackupNotFoundException", f"Backup not found: {arn}")
        return backup

    def in_the_making(self, call: Call, table: Table, now: float) -> bool:
        """Whether a backup of the table is being created."""
        return any(backup.source.id == table.id and backup.status == "CREATING" for backup in self.all(call, now))

    def all(self, call: Call, now: float) -> Iterator[Backup]:
        """The backups of the caller's account and region, oldest first."""
        backups = self._backups.get((call.account, call.region), {})
        for backup in list(backups.values()):
            if _is_gone(backup, now):
                del backups[backup.arn]
            else:
                yield backup

    def discard(self, call: Call, table_name: str, name: str) -> None:
        """Forget at once the backups of a table that have that name; nothing happens if there is none."""
        backups = self._backups.get((call.account, call.region), {})
        for backup in list(backups.values()):
            if backup.source.name == table_name and backup.name == name:
                del backups[backup.arn]

    def copied(self) -> Backups:
        """A register of its own, with the same backups."""
        copied = Backups(self._elapsed)
        copied._backups = {home: dict(backups) for home, backups in self._backups.items()}
        copied._serial = self._serial
        return copied


def check_arn(arn: str) -> None:
    """Raises ServiceError (ValidationException) for what cannot be the ARN of a backup."""
    if not _ARN.fullmatch(arn):
        # The rule is plain; the sentence has not been seen
        raise refusal(f"Invalid BackupArn: {arn}")


def place(arn: str) -> str:
    """What backups are sorted by: the identifier at the end of the ARN, which begins with the time."""
    return arn.rpartition("/")[2]


def _is_gone(backup: Backup, now: float) -> bool:
    is_deleted = backup.gone is not None and backup.gone <= backup.elapsed()
    return is_deleted or (backup.expires is not None and backup.expires <= now)
