"""AWS Backup, as far as a program needs that starts backup jobs: vaults and jobs."""

from emulator.backends.backup.engine import BackupService

__all__ = ["BackupService"]
