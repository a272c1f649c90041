"""`make eval`: every question of the question set, and what the offline planner makes of it, as a table.

    python -m tests.ask.evaluate [--half tuned|held_out] [--group WORD] [--quiet]

The exit code is 1 where a question was misread with confidence: a question back is better than a wrong answer.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import GatewayError
from gateway.ports import Plan
from tests.ask.judging import Verdict, judge
from tests.ask.question_set import HALVES, Case, load
from tests.ask.worlds import HILLSTROM, IMPORTED, World, demo_world, hillstrom_world, imported_world


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question."""

    case: Case
    plan: Plan
    verdict: Verdict

    def describe(self) -> str:
        """The question and what was made of it, for whoever mends it."""
        made = [f"{call.tool} {json.dumps(call.arguments)}" for call in self.plan.calls]
        told = self.plan.question_back or self.plan.refusal
        return f"{self.verdict}: {self.case.name}\n    " + "\n    ".join([*made, *([told] if told else [])])


def evaluate(cases: Iterable[Case], worlds: Mapping[str, World]) -> list[Outcome]:
    """Plan every case of a world that is there. The focus goes through JSON between turns, as a client keeps it."""
    outcomes = []
    for case in cases:
        if case.world in worlds:
            plan = converse(case, worlds[case.world])
            outcomes.append(Outcome(case, plan, judge(case, plan)))
    return outcomes


def converse(case: Case, world: World) -> Plan:
    """The plan of the last turn."""
    planner = world.planner(case.population)
    plan, focus = Plan(), dict[str, Any]()
    for turn in case.turns:
        try:
            plan = planner.plan(turn, focus)
        except GatewayError as error:
            plan = Plan(question_back=error.message, focus=focus)
        focus = json.loads(json.dumps(plan.focus))
    return plan


def worlds_in(home: Path, stack: ExitStack) -> dict[str, World]:
    """Every world, built below `home`; the public data set's only where its file is."""
    found = {"demo": stack.enter_context(demo_world(home / "demo"))}
    for name, experiments in IMPORTED.items():
        found[name] = stack.enter_context(imported_world(experiments, home / name))
    if HILLSTROM.exists():
        found["hillstrom"] = stack.enter_context(hillstrom_world(home / "hillstrom"))
    return found


def table(outcomes: Iterable[Outcome]) -> str:
    """Groups by verdicts, then the halves, then all."""
    rows: dict[str, Counter[Verdict]] = defaultdict(Counter)
    for outcome in outcomes:
        for name in (outcome.case.group, f"= {outcome.case.half}", "= all"):
            rows[name][outcome.verdict] += 1
        if outcome.case.is_clear:
            rows[f"= {outcome.case.half}, clear"][outcome.verdict] += 1
    heads = ("questions", "right", "asked back", "refused", "beside", "misread")
    lines = [f"{'group':24}" + "".join(f"{head:>12}" for head in heads) + f"{'right':>10}"]
    for name, counted in sorted(rows.items(), key=lambda row: (row[0].startswith("="), row[0])):
        total = counted.total()
        figures = (total, *(counted[verdict] for verdict in Verdict))
        share = f"{100 * counted[Verdict.RIGHT] / total:.1f} %"
        lines.append(f"{name:24}" + "".join(f"{figure:12}" for figure in figures) + f"{share:>10}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--half", choices=HALVES, help="only this half")
    parser.add_argument("--group", default="", help="only groups with this word in their name")
    parser.add_argument("--quiet", action="store_true", help="the table alone, without what was not right")
    asked = parser.parse_args()
    cases = [case for case in load() if asked.group in case.group and asked.half in (None, case.half)]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        outcomes = evaluate(cases, worlds_in(Path(folder), stack))
    wrong = [outcome for outcome in outcomes if outcome.verdict is not Verdict.RIGHT]
    told = [] if asked.quiet else [outcome.describe() for outcome in wrong]
    sys.stdout.write("\n".join([*told, "", table(outcomes), ""]))
    if not HILLSTROM.exists():
        sys.stderr.write(f"left out: the questions about {HILLSTROM.name}, which is not at {HILLSTROM.parent}\n")
    return any(outcome.verdict is Verdict.MISREAD for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main())
