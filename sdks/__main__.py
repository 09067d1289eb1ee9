"""`python -m sdks`: installs the SDKs whose runtime is there, and measures what is not measured yet.

    python -m sdks                          # everything, on an idle and on a loaded machine
    python -m sdks boto3 js-v3              # these SDKs, in this order
    python -m sdks --quick --seconds 280    # a few steps with one worker, until the time is over; nothing is written, differences are told
    python -m sdks --judge                  # what was measured in this checkout, by the rules of the judge as they are now; no SDK is run
    python -m sdks --newest --into FOLDER   # the newest release of each, written there, and compared with what is kept

Ends with 1 if an SDK could not be installed or measured, and with --quick if a result is another one than the one that is kept."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from sdks.comparing import compare_all
from sdks.data import MEASURED
from sdks.session import Plan, Session
from sdks.work import WORKERS, load_sdks


def main() -> int:
    names = [sdk.name for sdk in load_sdks()]
    parser = argparse.ArgumentParser(prog="python -m sdks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sdks", nargs="*", metavar="SDK", help=f"of {', '.join(names)}; all of them if none is named")
    parser.add_argument("--steps", nargs="+", metavar="STEP", help="these steps of the work list")
    parser.add_argument("--modes", nargs="+", metavar="MODE", help="these modes")
    parser.add_argument("--workers", type=int, choices=WORKERS, help="so many workers alone")
    parser.add_argument("--load", choices=("idle", "loaded", "both"), default="both", help="without busy loops, with them, or both")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--again", action="store_true", help="measure what is measured already, too")
    what.add_argument("--judge", action="store_true", help="only judge again what this checkout has the journals of; nothing is run")
    what.add_argument("--quick", action="store_true", help="a few steps, default mode, one worker, idle; compares, and keeps nothing")
    parser.add_argument("--newest", action="store_true", help="the newest release instead of the locked versions")
    parser.add_argument("--seconds", type=float, help="begin nothing new after so long")
    parser.add_argument("--at-once", type=int, default=4, help="how many steps run at the same time (default: 4)")
    parser.add_argument("--into", type=Path, help="the folder to write to, instead of sdks/measured")
    options = parser.parse_args()
    unknown = [name for name in options.sdks if name not in names]
    if unknown:
        parser.error(f"no such SDK: {', '.join(unknown)}; there are {', '.join(names)}")
    if options.newest and options.into is None:
        parser.error("--newest needs --into FOLDER: what is kept in sdks/measured is of the locked versions")
    deadline = None if options.seconds is None else time.monotonic() + options.seconds
    plan = Plan(
        steps=tuple(options.steps or ()),
        modes=tuple(options.modes or ()),
        workers=WORKERS if options.workers is None else (options.workers,),
        load=options.load,
        again=options.again,
        newest=options.newest,
        quick=options.quick,
        deadline=deadline,
        at_once=options.at_once,
    )
    session = Session(plan, options.into or MEASURED)
    by_name = {sdk.name: sdk for sdk in load_sdks()}
    for name in options.sdks or names:
        (session.judge_again if options.judge else session.measure)(by_name[name])
    compared = compare_all(session.measured) if options.quick or options.newest else []
    for line in [*session.problems, *compared]:
        print(line)
    return 1 if session.problems or (options.quick and any(one.differences for one in compared)) else 0


if __name__ == "__main__":
    sys.exit(main())
