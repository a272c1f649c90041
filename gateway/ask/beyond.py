"""The words of what no tool answers: causes, forecasts, other dates, methods that are not stored. Asked back about."""

from typing import Final

from gateway.ask.lexicon import PEOPLE
from gateway.ask.patterns import Cued

CAUSE: Final = Cued(
    "why caused explains reason cause because come root drove made",
    "why",
    "what (?:caused|explains)",
    "(?:reasons?|causes?)(?: for| behind| of)?",
    "because",
    "how come",
    "root cause",
    "what drove",
    "what made",
)

FORECAST: Final = Cued("will predict forecast next going annual yearly project long future if extrapolat year",
    r"will(?! you)",
    r"predict\w*",
    r"forecast\w*",
    r"next (?:week|month|quarter|year|\d+ \w+)",
    "going to",
    r"annual\w*",
    "yearly",
    r"project(?:ed|ions?)",
    "long term",
    r"(?:in the )?future",
    r"if (?:we|i) (?:launch|ship|roll out|release)\w*",
    r"extrapolat\w*",
    "per year",
)  # fmt: skip

METHOD: Final = Cued(
    "cuped bayes bootstrap one mann t chi bonferroni benjamini posterior median percentile quantile winsori outlier "
    "correlat regression interaction heterogen holm",
    "cuped",
    r"bayes\w*",
    r"bootstrap\w*",
    r"one (?:sided|tailed)",
    "mann whitney",
    "t tests?",
    r"chi squared?",
    "bonferroni",
    "benjamini",
    "posterior",
    "median",
    r"percentiles?",
    r"quantiles?",
    r"winsori\w*",
    r"outliers?",
    r"correlat\w*",
    "regression",
    r"interactions?",
    r"heterogen\w*",
    "holm",
)  # fmt: skip

_MONTH = r"(?:january|february|march|april|june|july|august|september|october|november|december)"

DATES: Final = Cued(
    "last past previous this yesterday today tonight since until before after january february march april june july "
    "august september october november december may 19 20 weekend mon tue wed thu fri sat sun q first day",
    r"(?:last|past|previous|this) (?:\d+ )?(?:days?|weeks?|months?|quarters?|years?|weekends?|night)",
    "yesterday",
    "today",
    "tonight",
    r"since(?: \w+)?",
    r"until(?: \w+)?",
    r"(?:before|after) (?!assign|being|they were|expos)\w+",
    rf"(?:in |on |of |from |during )?{_MONTH}",
    "in may",
    r"(?:in )?(?:19|20)\d\d",
    r"(?:on |at )?weekends?",
    r"(?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?",
    r"(?:in )?q[1-4]",
    r"(?:the )?first (?:\d+ )?(?:days?|weeks?|months?)", r"(?:on )?day \d+",
)  # fmt: skip

COARSE: Final = Cued(
    "weekly monthly hourly week month hour quarter",
    "weekly",
    "monthly",
    "hourly",
    r"(?:by|per|each|every) (?:week|month|hour|quarter)",
    "week (?:by|over) week",
    "cumulative weekly",
)

EXCLUSION: Final = Cued("except exclud apart other outside besides non not without every any all but minus",
    r"(?:every|any)(?:one|body|where|thing) but",
    r"all (?:\w+ )?but(?: for)?",
    r"(?:minus|but) (?:not |for )?(?:the )?(?=xseg)",
    r"(?:except|excluding|exclude|excludes|excluded|apart from|other than|outside|besides)(?: of)?(?: for)?",
    r"non (?=xseg|xdim)",
    r"not (?:(?:on|in|for|among|from|at|to|with|the|our|by|any) )*(?=xseg)",
    r"(?:rather|instead|more|less|other) than(?= (?:the |our )?(?:xseg|xdim))",
    r"without (?:the )?(?=xseg)",
    r"but not",
)  # fmt: skip

RATIO: Final = Cued(
    "xmet ratio per each every",
    r"xmet (?:per|divided by|over) (?:each |every )?xmet",
    r"ratio of xmet (?:to|and) xmet",
    r"per (?:each |every |single )?x(?:met|for)",
)

NEGATED: Final = Cued(
    "not never no none without nothing neither fail", r"not|never|no|none|without|nothing|neither|fail\w*"
)
"""A ranking of what did not move: "which experiments did not improve …"."""
ORDERING: Final = Cued(
    "most fewest least number by count largest smallest more highest lowest",
    r"(?:most|fewest|highest|lowest|least|largest|smallest) (?:\w+ )?xmet$",
    rf"(?:most|fewest|least|more|by|number of|count of|how many) (?:number of |count of )?(?:the )?(?:{PEOPLE}|arms|"
    r"variants|variations|metrics|days|data|traffic|samples?)\b",
    r"(?:largest|biggest|smallest|highest|lowest) (?:number of|sample|audience|traffic)(?: \w+)?",
)
"""Ways to order experiments that are not an effect."""

UNWANTED: Final = Cued.exact(
    "not never without stop",
    r"^(?:(?:please|but|and|ok|no) )*(?:do not|never|no need to|you need not|stop) (?:ever )?"
    r"(?:show|tell|give|list|include|report|display|send|use|consider|look|showing|telling|giving)\b",
)
CONDITION: Final = Cued(
    "during while when where whenever after before once unless if given despite due thanks assuming assume suppose",
    r"(?:during|while|when|where|whenever|after|before|once|unless|given|despite|due to|thanks to|if)(?: (?:the|our|"
    r"a|an|any|"
    r"its|their|all))*(?: (?!did|does|has|was|is|are|do|will|should)\w+)? x(?:met|for)",
    r"(?:assum(?:e|ing)|suppos(?:e|ing)|pretend\w*|imagin\w*|provided|as if|what if)",
)
UNSUPPORTED: Final = {
    "unwanted": UNWANTED,
    "condition": CONDITION,
    "ratio": RATIO,
    "cause": CAUSE,
    "forecast": FORECAST,
    "coarse": COARSE,
    "dates": DATES,
    "exclusion": EXCLUSION,
    "method": METHOD,
}
