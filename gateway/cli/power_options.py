"""The options of `gateway power`, in the order of its help: a baseline, what to plan, and how it will be judged."""

from typing import Annotated

import typer

Rate = Annotated[str | None, typer.Option(help="A rate without treatment, such as 5%.", metavar="RATE")]
Mean = Annotated[str | None, typer.Option(help="A mean per unit without treatment; with --sd.", metavar="MEAN")]
Ratio = Annotated[
    str | None, typer.Option(help="A ratio of totals; with --sd of its linearised form.", metavar="RATIO")
]
Sd = Annotated[str | None, typer.Option(help="Standard deviation of one unit's value.", metavar="SD")]
Numerator = Annotated[str | None, typer.Option(help="A ratio by its parts: the numerator per unit.", metavar="MEAN/SD")]
Denominator = Annotated[str | None, typer.Option(help="The same of the denominator.", metavar="MEAN/SD")]
Correlation = Annotated[str | None, typer.Option(help="Of the two, over units.", metavar="R")]
FromExperiment = Annotated[
    str | None,
    typer.Option("--experiment", help="Take baseline, split, window and traffic from one that has run.", metavar="ID"),
]
Metric = Annotated[str | None, typer.Option(help="Metric of --experiment; its primary one unless named.", metavar="ID")]
Mde = Annotated[
    str | None, typer.Option(help="Effect to find: 5% is relative, 0.5pp is points of a rate.", metavar="EFFECT")
]
Absolute = Annotated[bool, typer.Option("--absolute", help="--mde is in the metric's own unit.")]
Units = Annotated[str | None, typer.Option(help="Size over all arms; actual: what --experiment has.", metavar="N")]
Days = Annotated[str | None, typer.Option(help="Size as days of --daily-traffic, the window included.", metavar="N")]
DailyTraffic = Annotated[
    str | None, typer.Option(help="New units a day over all arms, or a week of them: 900/950/…", metavar="N")
]
Window = Annotated[str | None, typer.Option(help="Days that the metric needs after a unit's start.", metavar="DAYS")]
Arms = Annotated[str | None, typer.Option(help="Arms with equal shares, control included.", metavar="K")]
Split = Annotated[
    str | None, typer.Option(help="Shares of the arms, control first: 80/20, 50/25/25.", metavar="SHARES")
]
Uncorrected = Annotated[bool, typer.Option("--uncorrected", help="Several treatments without a correction.")]
Wanted = Annotated[str, typer.Option("--power", help="Power to plan for.", metavar="POWER")]
Alpha = Annotated[str, typer.Option(help="Error rate of the test.", metavar="ALPHA")]
OneSided = Annotated[bool, typer.Option("--one-sided", help="Look in the desired direction alone.")]
LowerIsBetter = Annotated[bool, typer.Option("--lower-is-better", help="The metric should fall.")]
NonInferiority = Annotated[
    str | None, typer.Option(help="Plan to rule out harm beyond this share of the baseline.", metavar="MARGIN")
]
Cuped = Annotated[
    str | None, typer.Option(help="Variance that CUPED removes: 30%, r=0.55, or measured.", metavar="SHARE")
]
Sequential = Annotated[
    bool | None, typer.Option("--sequential/--fixed", help="Looked at while it runs, or judged once at the end.")
]
