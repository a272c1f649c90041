"""What to do with an experiment: the decision table applied to its stored results, per treatment."""

from typing import Any

from gateway.answer import Evidence, Table
from gateway.experiments.decision import Decision, Situation, decide
from gateway.semantic.request import SemanticRequest
from gateway.stats import GuardrailState, SrmStatus, Statsig, noninferiority_columns
from gateway.tools.arms import compare_stored
from gateway.tools.base import Arguments, Population, Tool, ToolContext, ToolResult
from gateway.tools.reading import equal, evidence_of, flags_of, require, require_rows, results

_INTEGRITY = "exposure_integrity_failed"
"""The exposure flag under which the experiment is invalid; the others say why it is set."""
_CAUSES = {
    "exposure_drop": "exposure logging dropped",
    "variant_mismatch": "units were exposed to another arm than their own",
    "multi_variation": "units were exposed to several arms",
    "pre_assignment": "units were exposed before they were assigned",
    "outside_window": "units were exposed outside the experiment's run",
}
_COLUMNS = ("variation_id", "metric_id", "role", "state", "decision", "reason")


class DecisionArguments(Arguments):
    experiment_id: str
    population: Population
    variation_ids: tuple[str, ...] = ()


def experiment_decision(ctx: ToolContext, arguments: DecisionArguments) -> ToolResult:
    """Launch or not, per treatment: the primary metric, the guardrails' margins, and what would change it."""
    rows = results(
        ctx, arguments.population, experiment_id=arguments.experiment_id, variation_ids=arguments.variation_ids
    )
    require_rows(ctx, rows, arguments.experiment_id, {"variation_id": arguments.variation_ids})
    primary_id = require(ctx, arguments.experiment_id)["primary_metric_id"]
    guardrails = _guardrails(ctx, arguments.experiment_id, rows)
    primary = [row for row in rows if row["metric_id"] == primary_id]
    decisions = {row["variation_id"]: _decide(row, guardrails) for row in primary}
    evidence = [_judged(row, decisions) for row in (*primary, *_watched(rows))]
    table = _table(primary, guardrails, decisions)
    return ToolResult(tuple(evidence), table, _text(decisions, arguments.population))


Guardrails = dict[tuple[str, str], GuardrailState]
"""State by (treatment, metric)."""


def _judged(row: dict[str, Any], decisions: dict[str, Decision]) -> Evidence:
    decision = decisions.get(row["variation_id"])
    return evidence_of(row, None if decision is None else str(decision.code))


def _decide(row: dict[str, Any], guardrails: Guardrails) -> Decision:
    arm = row["variation_id"]
    situation = Situation(
        srm=SrmStatus(row["srm_status"] or SrmStatus.NOT_COMPUTABLE),
        primary=Statsig(row["statsig"] or Statsig.INSUFFICIENT_DATA),
        running=row["experiment_status"] == "running",
        integrity_failures=_integrity_failures(flags_of(row["flags"])),
        guardrails=tuple((metric, state) for (treatment, metric), state in guardrails.items() if treatment == arm),
        mature_share=row["mature_share"],
    )
    return decide(situation)


def _integrity_failures(flags: list[str]) -> tuple[str, ...]:
    if _INTEGRITY not in flags:
        return ()
    return tuple(_CAUSES[flag] for flag in flags if flag in _CAUSES) or ("too few exposures are valid",)


def _watched(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["metric_role"] == "guardrail"]


def _guardrails(ctx: ToolContext, experiment_id: str, rows: list[dict[str, Any]]) -> Guardrails:
    """Each guardrail of each treatment as a non-inferiority test against its agreed margin."""
    watched = _watched(rows)
    if not watched:
        return {}
    margins = _margins(ctx, experiment_id)
    tested = noninferiority_columns(
        compare_stored(ctx, watched),
        [float("nan") if margins.get(row["metric_id"]) is None else margins[row["metric_id"]] for row in watched],
    )
    return {
        (row["variation_id"], row["metric_id"]): GuardrailState(state)
        for row, state in zip(watched, tested.state.tolist(), strict=True)
    }


def _margins(ctx: ToolContext, experiment_id: str) -> dict[str, float | None]:
    request = SemanticRequest(
        asset="dim_experiment_metrics",
        columns=("metric_id", "noninferiority_margin"),
        filters=equal(experiment_id=experiment_id),
    )
    return {row["metric_id"]: row["noninferiority_margin"] for row in ctx.query(request).dicts()}


def _table(primary: list[dict[str, Any]], guardrails: Guardrails, decisions: dict[str, Decision]) -> Table:
    rows: list[list[Any]] = []
    for row in primary:
        arm, decision = row["variation_id"], decisions[row["variation_id"]]
        rows.append(
            [arm, row["metric_id"], "primary", row["statsig"], decision.code.value, "; ".join(decision.reasons)]
        )
        rows += [
            [arm, metric, "guardrail", state.value, None, None]
            for (treatment, metric), state in guardrails.items()
            if treatment == arm
        ]
    return Table(columns=list(_COLUMNS), rows=rows)


def _text(decisions: dict[str, Decision], population: str) -> str:
    if not decisions:
        return f"There is no result on the primary metric in population {population}, so there is nothing to decide on."
    sentences = [
        f"{arm}: {found.code.value}: {'; '.join(found.reasons)}. What would change it: {found.would_change}"
        for arm, found in decisions.items()
    ]
    return " ".join(sentences)


TOOLS = (Tool("experiment_decision", "Launch decision", DecisionArguments, experiment_decision),)
