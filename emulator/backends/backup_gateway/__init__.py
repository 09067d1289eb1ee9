"""AWS Backup Gateway as a small honest state machine: gateways, hypervisors, virtual machines, schedules, tags."""

from emulator.backends.backup_gateway.engine import BackupGateway

__all__ = ["BackupGateway"]
