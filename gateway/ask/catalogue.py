"""How people ask for what there is: experiments, metrics, arms, segments, marts, and what a word means."""

from typing import Final

from gateway.ask.patterns import Cued

ARM_LIST: Final = Cued(
    "control baseline xctl arm variant variation treatment group version",
    r"(?:list|show|name|describe|give)(?: me)?(?: all| the)* (?:arms|variants|variations|treatments|groups|versions)",
    r"(?:what|which) (?:are|were)(?: the)? (?:arms|variants|variations|treatments|groups|versions)(?: (?:of|in|for|"
    r"tested|xexp))*",
    r"(?:what|which) (?:arms|variants|variations|treatments|groups|versions) (?:does|do|did|are|were|has|have)(?: "
    r"xexp)?(?: (?:have|has|there|in|of|tested?))*",
    r"(?:how many|number of) (?:arms|variants|variations|groups|versions)(?: (?:does|do|did|has|have|xexp))*",
    r"^(?:the )?xexp (?:arms|variations|variants|groups|treatments|versions)$",
    r"^(?:and |or |what are |which are |list |show |name |give |tell |me |us |the |its |all |of |about )*"
    r"(?:arms|variants|variations|treatments|groups|versions|names of the arms)"
    r"(?: (?:of|in|for|does|do|did|xexp|have|has|are|were|there|experiment|the|tested|it))*$",
    r"(?:what|which) (?:is|was)(?: the)? (?:control|baseline|xctl)(?: (?:arm|group|variant))?(?: (?:of|in|for) xexp)?$",
)

MEANING: Final = Cued("mean define definition stand calculat comput measur explain describe is are",
    r"what (?:does|do|did|is|are)(?: the)?(?: metric)? x(?:met|for)(?: metric)? "
    r"(?:mean|means|stand for|measure|measures)",
    "define(?: the)? x(?:met|for)",
    r"definition of(?: the)? x(?:met|for)",
    r"how (?:is|are|do (?:you|we))(?: the)?(?: (?:calculate|define|compute|measure))? ?x(?:met|for) ?"
    r"(?:calculated|defined|computed|measured)?",
    r"^(?:please |can you |could you |and )*(?:explain|describe)(?: to me| me)?(?: the)?(?: metric)? x(?:met|for)$",
    r"(?:is|are) (?:a |an )?(?:higher|lower|more|less|fewer|bigger|smaller|rising|falling) x(?:met|for) (?:better|"
    r"worse|"
    r"good|bad)",
    r"meaning of(?: the)? x(?:met|for)",
)  # fmt: skip
MEANING_SHORT: Final = Cued.exact("what", r"^(?:and )?what is(?: the| an?)?(?: metric)? x(?:met|for)$")
HELP: Final = Cued(
    "ask help capabilit do know answer query tell work there",
    r"what (?:can|could|may) (?:i|you|we|one) (?:ask|do|answer|query|tell|help)(?: me| you| us)?(?: (?:about|"
    r"with|here|for))*",
    r"^help(?: me)?",
    "capabilities",
    r"what do you know(?: about)?(?! (?:about )?xexp)",
    r"what (?:kinds? of )?questions(?: (?:can|do) (?:i|you) (?:ask|answer))?",
    "how does this work",
    r"what is there(?: to ask)?",
)
_LISTING = r"(?:(?:list|show|name|give)(?: me)?(?: all| the| our)* )?"
LIST: Final = Cued(
    "experiment test all anywhere everywhere",
    r"(?:anywhere|everywhere)(?: else)?",
    r"(?:list|show|name|give|see|enumerate)(?: me)?(?: all| the| our| of)* (?:experiments|tests)",
    r"(?:what|which)(?: \w+)? (?:experiments|tests)(?: (?:are|do|did|is|were|have|had|exist|there|we|you|i|know|of|"
    r"can|ask|about|run|ran|conduct\w*))*",
    r"how many(?: \w+)? (?:experiments|tests)(?: (?:are|do|we|have|there))*",
    r"^(?:all |the )*(?:experiments|tests)$",
    "(?:all|every|each|any)(?: of)?(?: the| our)? (?:experiments?|tests?)",
)
WHAT_IS_ON: Final = Cued(
    "running live active ongoing progress not",
    r"(?:how many|what|which|anything|something|everything)(?: \w+)? (?:is|are) (?:still |currently |now "
    r")?(?:running|live|active|ongoing|in progress)(?: (?:right now|now|currently|at the moment))?",
    r"(?:is|are) (?:there )?(?:anything|something|any experiments?|any tests?)(?: \w+)? (?:running|live|active|ongoing)"
    r"(?: (?:right now|now|currently))?",
    rf"{_LISTING}(?:currently )?(?:running|active|ongoing|live) (?:experiments|tests)",
    r"(?:experiments|tests) (?:that |which )?(?:are |have )?(?:not|n t) (?:over|ended|finished|done)(?: yet)?",
    r"^(?:and |just |only |now |show |list |the |what about |how about )*(?:running|live|active|ongoing)(?: ones?)?$",
)
WHAT_ENDED: Final = Cued(
    "ended finished completed concluded past closed over not no",
    r"(?:how many|what|which)(?: \w+)? (?:has|have|is|are|were)?(?: (?:we|been|already))* ?(?:ended|finished|completed|"
    r"concluded|over|closed)",
    rf"{_LISTING}(?:ended|finished|completed|concluded|past|closed) (?:experiments|tests)",
    r"(?:experiments|tests) (?:that |which )?(?:are |were |have )?(?:not|no longer) (?:running|live|active|ongoing)"
    r"(?: (?:any ?more|any longer|now))?",
    r"^(?:and |just |only |now |show |list |the |what about |how about )*(?:ended|finished|completed|concluded)(?: "
    r"ones?)?$",
)
METRIC_LIST: Final = Cued(
    "metric kpi measure what which window margin how definition",
    r"(?:what|which) (?:is|was|are|were)(?: the| its)? (?:primary|main|secondary|guardrail|key|success|target|"
    r"north star) (?:metrics?|kpis?)(?: (?:of|for|in|xexp))*",
    r"(?:what|which)(?: other)? (?:metrics|kpis|measures)(?: (?:are|do|does|did|is|were|can|we|you|i|have|has|exist|"
    r"there|xexp|it|use[ds]?|track(?:ed|s)?|measure[ds]?|available|ask|about))*",
    r"(?:list|show|name|give)(?: me)?(?: all| the| your| its)* (?:metrics|kpis|measures)",
    r"^(?:all |the )*(?:metrics|kpis)$",
    r"(?:what|which) (?:is|was|are|were|gets|got)(?: being)? (?:measured|tracked|counted) (?:in|by|for) xexp",
    r"(?:what|which|how long an?)(?: (?:is|was|are))?(?: the)? (?:attribution |outcome |conversion )?window(?: length)?"
    r"(?: (?:is|does|do|of|has|for|in|on|the|metric))*(?: xmet)?(?: (?:have|has|of|in|for|use[ds]?|used|xexp))*",
    r"(?:what is |what are |which )?(?:the )?(?:non ?inferiority |guardrail |tolerated )?margins?"
    r"(?: (?:is|does|do|of|has|for|in|on|the|xmet|xexp|have))*",
    r"(?:how (?:is|are)(?: the)? xmet (?:measured|defined|computed|calculated)|definition of(?: the)? xmet) (?:in|"
    r"for|by) xexp",
    r"^(?:the )?xexp (?:primary |main |secondary |guardrail )?(?:metrics?|kpis?|measures)$",
    r"^(?:and |what are |which are |list |show |the |its )*(?:primary |main |secondary |guardrail )?"
    r"(?:metrics?|kpis?|measures?)(?: (?:of|in|for|does|do|xexp|have|has|are|there|experiment|the|it))*$",
)
SEGMENT_LIST: Final = Cued(
    "segment dimension breakdown",
    r"(?:what|which)(?: other)? (?:segments|dimensions|breakdowns)(?: (?:are|do|does|is|can|we|you|i|have|has|exist|"
    r"there|xexp|it|available|ask|about))*",
    r"(?:list|show|name|give)(?: me)?(?: all| the| its)* (?:segments|dimensions|breakdowns)",
    r"^(?:the )?xexp (?:segments|dimensions|breakdowns)$",
    r"by (?:each )?(?:segments?|dimensions?|breakdowns?)",
    r"^(?:and |the |its |all |available |possible )*(?:segments|dimensions|breakdowns)(?: (?:of|in|for|the|xexp|"
    r"there|are))*$",
)
MART_LIST: Final = Cued(
    "mart table asset dataset",
    r"(?:what|which|list|show|describe)(?: me)?(?: all| the)* (?:marts|tables|assets|datasets)(?: (?:are|do|is|can|"
    r"we|you|i|have|exist|there|available|ask|query))*",
)
ABOUT: Final = Cued(
    "status state hypothesis description set setup about what describe running live active over finished ended done "
    "complete ongoing going when long",
    r"(?:what is |what was )?(?:the )?(?:status|state|hypothesis|description|set ?up) of(?: the)?(?: experiment)? "
    r"xexp",
    r"(?:tell me|more|everything|info|information)(?: more| all)? (?:about|on) xexp",
    r"what (?:is|was)(?: the)?(?: experiment)? xexp(?: about)?$",
    r"what do (?:you|we) know about xexp",
    r"(?:what (?:is|was) )?(?:the )?(?:idea|thinking|rationale|motivation|goal|purpose|aim|point|reasoning)"
    r"(?: (?:behind|of|for|with))?(?: the)? xexp",
    r"what (?:does|did|do|is|was)(?: the)? xexp (?:test(?:ing|ed)?|do|try(?:ing)?|chang(?:e|ing)|about)(?: to do)?$",
    r"what (?:is|was|were|are|did|got)(?: we| being)? (?:tested|tried|changed?|different|new)(?: (?:in|by|with|"
    r"for))? xexp",
    r"describe(?: the)?(?: experiment)? xexp",
    r"(?:is|are|was|has) (?:xexp|it) (?:still |already |yet )*(?:running|live|active|over|finished|ended|done|"
    r"complete[d]?|ongoing|going on)",
    r"when (?:did|does|will|was) (?:xexp|it) (?:start|begin|end|stop|finish|started|launched)(?:ed)?",
    r"how (?:long|many (?:days|weeks)) (?:has|did|was|is|does|had) (?:the )?(?:experiment )?(?:xexp|it) (?:been )?"
    r"(?:running|run|ran|last\w*|take|going|on)(?: for)?",
    "^(?:status|hypothesis|description)$",
)  # fmt: skip
BARE_METRICS: Final = Cued.exact("all", r"^all (?:the )?(?:metrics|kpis)$")
