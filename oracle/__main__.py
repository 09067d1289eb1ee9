"""`python -m oracle`: compares, prints what is undecided, and ends with 1 if there is any."""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import ExitStack
from random import randrange

from oracle.cases import AREAS
from oracle.decisions import load_decisions
from oracle.endpoint import Answer, Endpoint
from oracle.exploring import Explorer, Finding, Findings
from oracle.peers import PEERS, available, ours, serving


def main() -> int:
    options = _options()
    seed = randrange(2**32) if options.seed is None else options.seed
    with ExitStack() as stack:
        if options.reference:
            theirs = [Endpoint(f"reference-{place}" if place else "reference", url) for place, url in enumerate(options.reference)]
        else:
            theirs = [stack.enter_context(serving(peer)) for peer in available(options.peers)]
        if not theirs:
            print("there is nobody to compare with", file=sys.stderr)
            return 2
        weights = {endpoint.name: 1 for endpoint in theirs} | {peer.name: peer.weight for peer in PEERS}
        least = min(options.least, sum(weights[endpoint.name] for endpoint in theirs))
        # The others speak partly in the sentences of 2026 and partly in those of before; a reference speaks for itself
        subject = stack.enter_context(ours(options.wording or ("2026" if options.reference else "classic")))
        until = time.monotonic() + options.seconds
        explorer = Explorer(subject, theirs, load_decisions(), weights=weights, least=least, envelopes=bool(options.reference), until=until)
        explorer.prepare()
        for area in options.areas:
            print(f"{area} ...", file=sys.stderr)
            explorer.explore(area, examples=options.examples, seed=seed)
    _print(explorer.findings, [endpoint.name for endpoint in theirs], seed)
    return 1 if explorer.findings.found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m oracle", description=__doc__)
    names = [peer.name for peer in PEERS]
    parser.add_argument("--reference", action="append", metavar="URL", help="compare with this endpoint instead of the peers")
    parser.add_argument("--peers", nargs="+", default=names, choices=names)
    parser.add_argument("--areas", nargs="+", default=list(AREAS), choices=list(AREAS))
    parser.add_argument("--examples", type=int, default=150, help="cases per area, smaller forms not counted (default: 150)")
    parser.add_argument("--seconds", type=float, default=600, help="when to end in any case (default: 600)")
    parser.add_argument("--least", type=int, default=3, help="the weight that must say the same against us to be listed (default: 3)")
    parser.add_argument(
        "--wording", choices=("2026", "classic"), help="ours; the peers know the classic one (default), a reference the new"
    )
    parser.add_argument("--seed", type=int, help="repeat a run")
    return parser.parse_args()


def _print(findings: Findings, peers: list[str], seed: int) -> None:
    for finding in sorted(findings.found.values(), key=lambda finding: -len(finding.peers)):
        print(_text(finding))
    print(
        f"{len(findings.found)} undecided differences from {', '.join(peers)}; {findings.cases} cases, {findings.requests} requests, "
        f"seed {seed}; decided: {sum(findings.decided.values())} times; said by too few: {dict(findings.alone)}"
    )


def _text(finding: Finding) -> str:
    difference = finding.difference
    lines = [f"--- {difference.operation}: {difference.path}: {', '.join(finding.peers)}", f"  ours:   {difference.ours}"]
    lines.append(f"  theirs: {difference.theirs}")
    for request in finding.case:
        lines.append(f"    {request.operation} {json.dumps(request.params, ensure_ascii=False)}")
    lines += [f"    {name:>10}: {_answer(answer)}" for name, answer in finding.said.items()]
    return "\n".join(lines) + "\n"


def _answer(answer: Answer) -> str:
    text = json.dumps(answer.body, ensure_ascii=False)
    return f"{answer.status} {text if len(text) <= 400 else text[:400] + '...'}"


if __name__ == "__main__":
    sys.exit(main())
