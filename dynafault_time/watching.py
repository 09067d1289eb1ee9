"""Watches, by the machine's time, whether anything goes on, and says which threads sleep where nothing does."""

from __future__ import annotations

import sys
import threading

from dynafault_time import real
from dynafault_time.kernel import state_of, waits_for_process
from dynafault_time.remote import RemoteTime
from dynafault_time.shared import SharedTime
from dynafault_time.turns import Turns, Wake

# Seconds of the machine's time: between two looks, and after which time stands still
_TICK = 0.01
PATIENCE = 1.0
# Seconds after which a thread that does nothing with its turn is taken to sleep where nobody sees it: for what the kernel says so of, and
# for others, which a busy machine may not let run
_ASLEEP, _PERHAPS_ASLEEP = 0.02, 0.3
# The share of one processor below which a thread does not count as working
_BUSY = 0.05


class Watch:
    """A thread of its own, which begins when this is made: before anything is replaced."""

    def __init__(self, moved: SharedTime | RemoteTime, turns: Turns) -> None:
        self._time = moved
        self._turns = turns
        self._is_over = False
        self._progress = -1
        self._since = real.monotonic()
        self._used = real.process_time()
        self._is_told = False
        self._places: list[tuple[int, int]] = []
        threading.Thread(target=self._run, name="dynafault-time", daemon=True).start()

    def stop(self) -> None:
        self._is_over = True

    def _run(self) -> None:
        real.keep_machine_time()
        while not self._is_over:
            real.sleep(_TICK)
            with self._time.guard:
                if not self._is_over:
                    self._look()

    def _look(self) -> None:
        self._drop_ended()
        self._time.go_on()
        now, used = real.monotonic(), real.process_time()
        if self._time.progress != self._progress or used - self._used > _BUSY * max(_TICK, now - self._since) or self._works():
            self._progress, self._since, self._used = self._time.progress, now, used
            self._is_told = False
        elif self._turns.running and now - self._since >= _ASLEEP and (now - self._since >= _PERHAPS_ASLEEP or self._is_reading()):
            self._let_others_run()
        elif now - self._since >= PATIENCE and not self._is_told:
            self._is_told = True
            self._stands_still()

    def _drop_ended(self) -> None:
        """Threads that were there before end without saying so."""
        turns = self._turns
        guests = [one for one in turns.running if one.is_guest]
        if guests:
            alive = sys._current_frames()
            for guest in guests:
                if guest.ident not in alive:
                    turns.end(guest)

    def _works(self) -> bool:
        """Whether a thread whose turn it is goes on, or would if it got a processor."""
        frames = sys._current_frames()
        places = [(id(frame), frame.f_lasti) for one in self._turns.running if (frame := frames.get(one.ident)) is not None]
        before, self._places = self._places, places
        return places != before or any(state_of(thread.native) in "RD" for thread in self._turns.running)

    def _is_reading(self) -> bool:
        return all(waits_for_process(thread.native) for thread in self._turns.running)

    def _let_others_run(self) -> None:
        """Whose turn it is sleeps. Those that were there before are no part of this until they wait for time again; while another one
        sleeps, time stands still, but everybody else may run."""
        turns = self._turns
        for thread in list(turns.running):
            del turns.running[thread]
            if not thread.is_guest:
                thread.process, thread.is_unseen = -1, True
                turns.outside[thread] = None
        self._time.changed()

    def _stands_still(self) -> None:
        """Who waits for another server or process is known to do so, and has the machine's time for it; who sleeps unseen may do so for
        ever."""
        turns = self._turns
        sleepers = turns.unseen_sleepers
        waiting = [one for one in (*turns.waiting, *turns.ready, *turns.arrived) if one.due is not None or one not in turns.waiting]
        if not waiting or not sleepers:
            return
        who, for_whom = ("; ".join(turns.describe(one) for one in some) for some in (sleepers, waiting))
        text = f"time stands still: {who} has slept for a second, in a wait that fast time does not see; for time to pass waits {for_whom}"
        if turns.owner in waiting:
            turns.stall = text
            turns._remove(turns.owner)
            turns._give_turn(turns.owner, Wake.STALLED)
        else:
            print(f"dynafault: {text}", file=sys.stderr)
