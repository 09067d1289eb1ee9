"""How far the verdicts can be trusted, measured: simulated clients in emulated time, good ones of every retry profile and bad ones with
one flaw each, before the emulator itself, without sockets. `make calibrate` runs them; docs/verdicts.md shows what came of it."""
