"""What the kernel says of threads. Linux tells; elsewhere nothing is known."""

from __future__ import annotations

import os
import platform
import stat
from pathlib import Path

from dynafault_time.waiting import events_of

# Calls by which one reads from a file, and waits for a process, by their numbers (arch/*/include of the kernel)
_READS = {"x86_64": {0, 19, 45, 47}, "aarch64": {63, 65, 207, 212}}.get(platform.machine(), set())
_WAITS = {"x86_64": {61, 247}, "aarch64": {260, 95}}.get(platform.machine(), set())


def state_of(thread: int) -> str:
    """R: it runs, or would; D: it waits for a disk; S: it sleeps. S, where nobody says."""
    try:
        return Path(f"/proc/self/task/{thread}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "S"


def waits_for_process(thread: int) -> bool:
    """Whether a thread waits for the end of a process, or to read from a pipe or a socket, on whose other side there may be one, and which
    has nothing for it yet. False, where nobody says."""
    try:
        call, *arguments = Path(f"/proc/self/task/{thread}/syscall").read_text().split()
        number = int(call)
        if number in _READS:
            file = int(arguments[0], 16)
            mode = os.fstat(file).st_mode
            return (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)) and not events_of([((file, 0),)])
        return number in _WAITS
    except (OSError, ValueError, IndexError):
        return False


def is_python(process: int) -> bool:
    """Whether a process runs Python's interpreter. True, where nobody says."""
    try:
        return "python" in os.path.basename(os.readlink(f"/proc/{process}/exe"))
    except OSError:
        return os.path.exists(f"/proc/{process}") or not os.path.exists("/proc/self")


def has_ended(process: int) -> bool:
    """Whether a process is known to be at its end."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return os.path.exists("/proc/self")
