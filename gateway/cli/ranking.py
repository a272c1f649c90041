"""A ranking in one table, a line for each place: what the list in the text does not say of it."""

from collections.abc import Sequence

from gateway.answer import Answer, Evidence
from gateway.cli import figures
from gateway.cli.card import Views, bracketed, scale_of
from gateway.cli.output import aligned
from gateway.cli.plain import plain


def ranking(answer: Answer, views: Views) -> str:
    """Place, arms and effect of every row that has a rank; empty where none has."""
    columns = answer.table.columns
    found = {(item.experiment_id, item.variation_id, item.metric_id): item for item in answer.evidence}
    rows = [dict(zip(columns, row, strict=True)) for row in answer.table.rows]
    places = [
        (str(row["rank"]), found[key])
        for row in rows
        if row["rank"] is not None
        and (key := (str(row["experiment_id"]), str(row["variation_id"]), str(row["metric_id"]))) in found
    ]
    if not places:
        return ""
    head = ["#", "experiment", "arm", "metric", "n", "control", "value", "difference [95 %]", "p", "verdict"]
    lines = [head, *(_line(place, item, views) for place, item in places)]
    if len({item.metric_id for _, item in places}) == 1:
        lines = [[*line[:3], *line[4:]] for line in lines]
    right = [name not in ("experiment", "arm", "metric", "verdict") for name in lines[0]]
    return aligned(lines, right=right, rule=True, indent="  ")


def _line(place: str, item: Evidence, views: Views) -> list[str]:
    view = views(item)
    value, control = (
        figures.percent(arm.value) if view.proportion else figures.number(arm.value)
        for arm in (item.treatment, item.control)
    )
    names = [plain(name) for name in (item.experiment_id, item.variation_id, item.metric_id)]
    effect = [bracketed(item.difference, scale_of(view)), figures.p_value(item.p_value)]
    return [place, *names, figures.count(item.treatment.n), control, value, *effect, item.verdict]


def unranked(evidence: Sequence[Evidence]) -> str:
    """One line for every split that is off: experiments that are listed in the text, and have no place."""
    names = dict.fromkeys(plain(item.experiment_id) for item in evidence if item.srm.status == "mismatch")
    if not names:
        return ""
    what = f"{len(names)} experiments" if len(names) > 1 else next(iter(names))
    return f"SAMPLE RATIO MISMATCH in {what}: not split as planned, so their effects can't be trusted, nor ranked."
