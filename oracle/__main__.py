"""`python -m oracle`: compares, prints what is undecided, and ends with 1 if there is any."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from random import randrange

from oracle.cases import AREAS
from oracle.decisions import Decision, load_decisions, weakness
from oracle.endpoint import Answer, Endpoint, Request
from oracle.exploring import Explorer, Finding, Findings, Limits
from oracle.peers import PEERS, available, ours, serving

# Cases of an area before the next area has its turn
_EXAMPLES = 60


def main() -> int:
    options = _options()
    seed = randrange(2**32) if options.seed is None else options.seed
    with ExitStack() as stack:
        if options.reference:
            named = [(f"reference-{place}" if place else "reference", url) for place, url in enumerate(options.reference)]
            theirs = [stack.enter_context(closing(Endpoint(name, url))) for name, url in named]
        else:
            theirs = [stack.enter_context(serving(peer)) for peer in available(options.peers)]
        if not theirs:
            print("there is nobody to compare with", file=sys.stderr)
            return 2
        weights = {endpoint.name: 1 for endpoint in theirs} | {peer.name: peer.weight for peer in PEERS}
        # The others speak partly in the sentences of 2026 and partly in those of before; a reference speaks for itself
        wordings = [options.wording] if options.wording else ["2026-10"] if options.reference else ["2026-10", "classic"]
        subjects = [stack.enter_context(ours(wording)) for wording in wordings]
        limits = Limits(options.requests, time.monotonic() + options.seconds, options.least)
        decisions = load_decisions()
        explorer = Explorer(subjects, theirs, decisions, limits, weights=weights, envelopes=bool(options.reference) or options.envelopes)
        try:
            explorer.prepare()
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 2
        stack.callback(explorer.leave)
        began, rounds = time.monotonic(), 0
        while not explorer.is_done:
            for area in options.areas:
                explorer.explore(area, examples=_EXAMPLES, seed=seed + rounds, shrink=not options.as_drawn)
                print(f"{area}: {explorer.findings.requests} requests so far, {time.monotonic() - began:.0f} s", file=sys.stderr)
            rounds += 1
    # What was sent and answered need not be text
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    _print(explorer.findings, decisions, [endpoint.name for endpoint in theirs], seed)
    return 1 if explorer.findings.found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m oracle", description=__doc__)
    names = [peer.name for peer in PEERS]
    parser.add_argument("--reference", action="append", metavar="URL", help="compare with this endpoint instead of the peers")
    parser.add_argument("--peers", nargs="+", default=names, choices=names)
    parser.add_argument("--areas", nargs="+", default=list(AREAS), choices=list(AREAS))
    parser.add_argument("--requests", type=int, default=20_000, help="how many to send (default: 20000)")
    parser.add_argument("--seconds", type=float, default=1800, help="when to end in any case (default: 1800)")
    parser.add_argument("--least", type=int, default=1, help="the weight that must say the same against us to be listed (default: 1)")
    parser.add_argument("--envelopes", action="store_true", help="count the words before many sentences since 2026, as with a reference")
    parser.add_argument("--as-drawn", action="store_true", help="do not look for smaller cases that show the same")
    parser.add_argument(
        "--wording",
        choices=("2026", "2026-10", "2026-05", "classic"),
        help="ours (default: both against the peers, that of 2026 against a reference)",
    )
    parser.add_argument("--seed", type=int, help="repeat a run")
    return parser.parse_args()


def _print(findings: Findings, decisions: Sequence[Decision], peers: list[str], seed: int) -> None:
    for finding in sorted(findings.found.values(), key=lambda finding: -len(finding.peers)):
        print(_text(finding))
    print(
        f"{len(findings.found)} undecided differences from {', '.join(peers)}; {findings.cases} cases, {findings.requests} requests, "
        f"seed {seed}; decided: {sum(findings.decided.values())} times by {len(findings.decided)} entries of the table; "
        f"said by too few: {dict(findings.alone)}"
    )
    print(weakness(decisions, findings.decided))


def _text(finding: Finding) -> str:
    difference = finding.difference
    lines = [f"--- {difference.operation}: {difference.path}: {', '.join(finding.peers)}", f"  ours:   {difference.ours}"]
    lines.append(f"  theirs: {difference.theirs}")
    lines += [f"    {_request(request)}" for request in finding.case]
    lines += [f"    {name:>10}: {_answer(answer)}" for name, answer in finding.said.items()]
    return "\n".join(lines) + "\n"


def _request(request: Request) -> str:
    if request.data is None:
        return f"{request.operation} {json.dumps(request.params, ensure_ascii=False, default=str)}"
    return f"{request.operation} {request.data[:200]!r} {dict(request.headers)}"


def _answer(answer: Answer) -> str:
    text = json.dumps(answer.body, ensure_ascii=False)
    return f"{answer.status} {text if len(text) <= 400 else text[:400] + '...'}"


if __name__ == "__main__":
    sys.exit(main())
