"""Arguments and options that several commands take, so that they mean and read the same everywhere."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Population = Annotated[
    Literal["itt", "exposed"] | None,
    typer.Option(help="itt: everyone assigned; exposed: the validly exposed. Never chosen silently."),
]
Planner = Annotated[
    Literal["offline", "openai"] | None,
    typer.Option(help="Who reads the question: rules, or the model that the settings name."),
]
Role = Annotated[str | None, typer.Option(help="Role of the contract to ask as.", metavar="ROLE")]
Written = Annotated[
    Literal["duckdb", "clickhouse"] | None,
    typer.Option(help="Dialect of what is checked; without it the contract's, or else the engine's."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
ChartFile = Annotated[
    Path | None,
    typer.Option("--chart", help="Draw the answer into FILE (.png, .svg or .pdf).", metavar="FILE"),
]


def refuse_undrawable(file: Path | None) -> None:
    """Refuse a `--chart` that can't be drawn before anything is asked."""
    if file is not None:
        from gateway.experiments.charts import require_charts

        require_charts(file)
