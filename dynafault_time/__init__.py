"""Fast time: all clocks and waits of a Python process follow one virtual time, which passes only when nobody runs.

A thread runs until it waits: for time to pass, a lock, a queue, a file, an answer of the emulator. Then the next one that can run does,
one at a time and in a fixed order. When all of them wait, and the emulator is done with what it was sent, time moves to whatever is due
first, on either side.

    turns.py       the threads of this process, whose turn it is, and what the others wait for
    shared.py      the one time, who shares it, and when it moves
    connections.py what is under way between a client and an emulator
    locks.py, files.py, clocks.py, processes.py
                   what Python's library offers for waiting and for reading clocks, made to follow that time
    real.py        that library as it is

It knows nothing of the emulator, and needs nothing but Python and time-machine: it is loaded into the programs of users.
"""

from dynafault_time.errors import FastTimeError

__all__ = ["FastTimeError"]
