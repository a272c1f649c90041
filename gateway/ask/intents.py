"""How people ask for each thing the tools can do. Patterns read a masked question; see `lexicon`."""

from typing import Final

from gateway.ask.lexicon import Cued

SRM: Final = Cued("sample srm ratio balance unbalance imbalance split randomi even equal proper correct",
    r"(?:is there |any |an? )*sample ratio(?: mismatch(?:es)?)?",
    "srm",
    "ratio mismatch",
    r"(?:un|im)balanced?",
    r"(?:evenly |equally |properly |well )?balanced?",
    r"(?:traffic |assignment |randomi[sz]ation )*split (?:as )?(?:even|equal|planned|expected|right|correct|ok|okay|"
    r"broken|off)?(?:ly)?",
    r"randomi[sz](?:ed|ation)(?: properly| correctly| ok| broken| work\w*)*",
    r"(?:evenly|equally|properly|correctly) (?:split|assigned|randomi[sz]ed)",
)  # fmt: skip
GUARDRAIL: Final = Cued("guard breach broke violat",
    r"(?:did |has |have |is |are |was |were )?(?:any |a |the |its |of )*guard ?rails?(?: metrics?)?(?: (?:been|is|"
    r"are|was|were|get|got|breach(?:ed|es)?|violat\w*|hit|tripped|harmed|hurt|ok|okay|fine|safe|broken|hold\w*|held|"
    r"healthy|intact))*",
    r"breach(?:ed|es)?(?: any| a| the| its)*", "broke any guard ?rails?", r"violat\w+(?: any| a| the| its)*",
)  # fmt: skip
HEALTH: Final = Cued(

        "exposure wrong problem issue logged logging tracking instrumentation trust untrust "
        "rely believe health reliab unreliab quality matur "


        "immatur quarantin mismatch valid sane "
        "sanity integrity many sample assignment event"
    ,
    r"(?:is |are |was |were )?(?:the )?(?:exposures?|assignment|event) (?:logging|quality|health|data|events?|rates?|"
    r"integrity|tracking|validation)(?: (?:healthy|ok|okay|fine|broken|good|working|still|clean|correct))*",
    r"(?:can|could|should|do|may) (?:i|we|you|one) (?:really |actually )?(?:trust|rely on|believe)(?: in)?",
    r"(?:un)?trust(?:ed|worthy|worthiness)?",
    r"health(?:y|iness)?(?: checks?)?",
    r"(?:un)?reliab\w+",
    r"exposures?",
    r"(?:logging|tracking|instrumentation)(?: (?:healthy|ok|okay|fine|broken|good|working))*",
    "(?:data )?quality",
    r"(?:im)?matur(?:e|ity)(?: share)?",
    r"quarantined?",
    r"mismatch(?:es|ed)?",
    "valid(?:ity)?",
    "sane",
    r"(?:any |anything |something |is |are |there )*(?:problems?|issues?|wrong)(?: with)?",
    r"logged(?: correctly| properly| right| well)?",
    "sanity checks?",
    "integrity",
    r"how many (?:users|units|customers|people|devices|visitors)(?: (?:are|were|is|was|did|do|does|have|has))*(?: "
    r"(?:in|enrolled|assigned|exposed|xexp have|there))*",
    r"sample sizes?",
)  # fmt: skip
DAILY_HEALTH: Final = Cued(
    "day daily time when trend",
    r"daily",
    r"(?:by|per|each|every) day",
    r"day (?:by|to) day",
    "over time",
    r"when (?:did|does|has) (?:\S+ ){0,5}(?:break|broke|broken|fail\w*|go wrong|go bad|degrade\w*|drop|start|"
    r"stop)(?: (?:break|fail)ing)?",
    "which days?",
    "trend",
    "since when",
)

_SHIP = (
    r"(?:launch(?:ed|ing)?|ship(?:ped|ping)?|roll(?:ed|ing)?(?: it| this| that| them| xexp| xarm)? ?out|rollout|"
    r"releas(?:e|ed|ing)|deploy(?:ed|ing)?|go live|push live|productioni[sz]e)"
)
_KEEP = (
    r"(?:keep(?: (?:it|xexp))? running|keep (?:it|xexp)|stop(?:ped)?|end(?:ed)?|kill(?:ed)?|extend(?:ed)?|continue|"
    r"turn(?: it| xexp)? (?:on|off)|enable|adopt|scale|abandon|conclude)"
)
_OBJ = (
    r"(?: (?:it|this|that|them|xexp|xarm))?(?: (?:now|already|out|live|to (?:all(?: users)?|everyone|everybody|"
    r"production|100%)))*"
)
DECISION: Final = Cued(
    "launch ship roll releas deploy go push live production keep stop end kill extend continue turn enable adopt "
    "scale abandon conclude ready safe good ok fine worth decision recommend verdict should shall do next",
    rf"(?:(?:should|shall|can|could|do|must|may|would|is it time to|are|is it safe to) )?(?:(?:we|i|you|it|they|xexp|"
    rf"xarm) )?(?:recommend |ready to |ok to |safe to )?(?:be )?(?:{_SHIP}){_OBJ}",
    rf"(?:should|shall|can|could|do|must|may|would) (?:we|i|you|it|they|xexp)(?: be)? {_KEEP}{_OBJ}",
    r"(?:ready|safe|good|ok|okay|fine|worth)(?: enough)? (?:to|for) (?:be )?(?:launch\w*|ship\w*|production|"
    r"roll(?:ed|ing)? ?out|releas\w*|deploy\w*)",
    r"(?:the |your |a )?(?:launch |final )?(?:decision|recommend(?:ation|ed|s)?|verdict)(?: (?:for|on|about))?",
    "go(?: or)? no go",
    r"what (?:should|shall|do) (?:we|i) do(?: (?:with|about))?",
    r"what next",
    r"next steps?",
)  # fmt: skip

_SUPER = (
    r"(?:biggest|largest|highest|greatest|best|top|most|strongest|worst|lowest|weakest|winners?|won|wins?|winning|"
    r"losers?|lost|los(?:e|es|ing)|rank(?:ed|ing|ings|s)?|performed|performs|performing)"
)
SUPERLATIVE: Final = Cued("*",
    _SUPER, r"order(?:ed)? by", r"sort(?:ed)? by", (
        r"(?:lift|uplift|effect|impact|gains?|improvements?|difference|drops?|declines?|"
        r"loss(?:es)?|increases?|decreases?|reductions?)"
    ),
    r"(?:improv|increas|rais|boost|mov|grew|grow|lift|affect|help|work|deliver)\w*",
    r"(?:worsen|hurt|harm|reduc|decreas|lower|damag)\w*",
    r"(?:by )?(?:chance to win|probability|absolute(?: difference)?|relative(?: lift)?|percentage points?)",
    r"(?:top|best|worst|bottom) (?:\d+|two|three|four|five)",
    r"of all|ever|across|so far|by far|all|every|list|compare all",
    r"least",
    "better",
    "worse",
    "up",
    "down",
)  # fmt: skip
RANK_TRIGGER: Final = Cued.exact(
    "which what biggest largest highest greatest strongest worst lowest weakest best most rank top bottom win won "
    "los perform lost",
    rf"\b(?:which|what) (?:of (?:the|our) )?(?:experiments?|tests?)\b.*\b(?:{_SUPER}|improv\w*|increas\w*|rais\w*|"
    rf"boost\w*|work\w*|mov\w*|hurt\w*|harm\w*|reduc\w*|decreas\w*|worsen\w*|lift\w*)\b"
    rf"|\b(?:biggest|largest|highest|greatest|strongest|worst|lowest|weakest|best|most) (?:\w+ )?(?:lift|uplift|"
    rf"effect|impact|gains?|improvements?|winners?|losers?|experiments?|tests?|drops?|declines?|increases?|"
    rf"decreases?|reductions?|chance to win|probability)\b|^(?:the )?rank(?:ing|ings|ed)?\b"
    rf"|\brank(?:ed|ing|ings)? (?:all |the |our |of )*(?:experiments?|tests?)\b|\b(?:top|best|worst|bottom) (?:\d+|"
    rf"two|three|four|five)\b|\b{_SUPER} (?:experiments?|tests?)\b|\bwhat (?:won|worked|"
    rf"performed)\b|^(?:(?:show|list|give|me|the|all|who|which|what|are|is) )*(?:winners|"
    rf"losers|winner|loser)$",
)
WORST: Final = Cued(
    "worst lowest weakest los least bottom worsen hurt harm worse damag",
    "worst",
    "lowest",
    "weakest",
    r"losers?",
    "lost",
    r"los(?:e|es|ing)",
    "least",
    "bottom",
    r"worsen\w*",
    r"hurt\w*",
    r"harm\w*",
    "worse",
    r"damag\w*",
)
RAW_UP: Final = Cued(
    "increas rais lift uplift boost gr rise rose risen gain higher up highest",
    "increas(?:e|es|ed|ing)",
    "rais(?:e|es|ed|ing)",
    "lift(?:s|ed)?",
    "uplift",
    "boost(?:s|ed)?",
    "gr[eo]w(?:s|n|ing)?",
    "rise|rose|risen",
    "gains?",
    "higher",
    "up",
    "highest",
)
RAW_DOWN: Final = Cued(
    "decreas reduc lower drop fall fell declin loss down fewer less cut lowest shr",
    r"decreas\w*",
    r"reduc\w*",
    r"lower(?:s|ed|ing)?",
    r"drop(?:s|ped|ping)?",
    "f[ae]ll(?:s|en)?",
    r"declin\w*",
    "loss(?:es)?",
    "down",
    "fewer",
    "less",
    "cuts?",
    "lowest",
    "shrink|shrank|shrunk",
)
BY_CHANCE: Final = Cued("chance probabil", "chance to win", r"probabilit\w+")
BY_DIFFERENCE: Final = Cued(
    "absolute difference percentage",
    r"absolute(?: difference)?",
    "difference",
    r"percentage points?",
)
TOP_N: Final = Cued.exact("top best worst bottom", r"\b(?:top|best|worst|bottom) (\d+|two|three|four|five)\b")

TREND: Final = Cued(
    "day daily time trend timeseries develop evolv progress curve",
    "over time",
    r"(?:by|per|each|every) day",
    "daily",
    r"day (?:by|to) day",
    r"trends?(?:ing|ed)?",
    "time ?series",
    r"(?:develop|evolv)(?:e|ed|es|ing|ment)?",
    r"progress(?:ed|ion)?",
    "curve",
    r"how did .{0,40}\bchange over time",
)
ARMS: Final = Cued("arm variant variation treatment group version one",
    r"(?:which|what)(?: of the| of)?(?: \w+)? ?(?:arms?|variants?|variations?|treatments?|groups?|versions?|"
    r"ones?)\b(?: (?:of|in|from|for|is|was|are|xexp|has|had|won|wins?|winning|perform\w*|work\w*|did|does|the|a|best|"
    r"better|worst|highest|most|strongest|largest|biggest|winner|lift|effect|to|should))*",
    r"(?:best|winning|better|worst|strongest) (?:arm|variant|variation|treatment|group|version)",
    r"(?:rank|compare)(?: all)?(?: the)? (?:arms|variants|variations|treatments|groups|versions)(?: of| in)?(?: "
    r"xexp)?",
    "between (?:the )?(?:arms|variants|variations)",
)  # fmt: skip
ARM_LIST: Final = Cued(
    "arm variant variation treatment group version",
    r"(?:list|show|name|describe|give)(?: me)?(?: all| the)* (?:arms|variants|variations|treatments|groups|versions)",
    r"(?:what|which) (?:arms|variants|variations|treatments|groups|versions) (?:does|do|did|are|were|has|have)(?: "
    r"xexp)?(?: (?:have|has|there|in|of|tested?))*",
    r"how many (?:arms|variants|variations|groups|versions)(?: (?:does|do|did|has|have|xexp))*",
)

MEANING: Final = Cued("mean define definition stand calculat comput measur",
    r"what (?:does|do|did|is|are)(?: the)?(?: metric)? xmet(?: metric)? (?:mean|means|stand for|measure|measures)",
    "define(?: the)? xmet",
    r"definition of(?: the)? xmet",
    r"how (?:is|are|do (?:you|we))(?: the)?(?: (?:calculate|define|compute|measure))? ?xmet ?(?:calculated|defined|"
    r"computed|measured)?",
    r"meaning of(?: the)? xmet",
)  # fmt: skip
MEANING_SHORT: Final = Cued.exact("what", r"^(?:and )?what is(?: the| an?)?(?: metric)? xmet$")
HELP: Final = Cued(
    "ask help capabilit do know answer query tell work there",
    r"what (?:can|could|may) (?:i|you|we|one) (?:ask|do|answer|query|tell|help)(?: me| you| us)?(?: (?:about|"
    r"with|here|for))*",
    r"^help(?: me)?",
    "capabilities",
    r"what do you know(?: about)?",
    r"what (?:kinds? of )?questions(?: (?:can|do) (?:i|you) (?:ask|answer))?",
    "how does this work",
    r"what is there(?: to ask)?",
)
RUNNING: Final = Cued(
    "running live active ongoing in still currently",
    r"(?:still |currently )?(?:running|live|active|ongoing|in progress)(?: (?:right now|now|currently|at the "
    r"moment))?",
)
ENDED: Final = Cued(
    "ended finished completed concluded past closed over stopped",
    r"(?:ended|finished|completed|concluded|past|closed|over|stopped)",
)
LIST: Final = Cued(
    "experiment test all",
    r"(?:list|show|name|give|see|enumerate)(?: me)?(?: all| the| our| of)* (?:experiments|tests)",
    r"(?:what|which)(?: \w+)? (?:experiments|tests)(?: (?:are|do|is|were|have|exist|there|we|you|i|know|of))*",
    r"how many(?: \w+)? (?:experiments|tests)(?: (?:are|do|we|have|there))*",
    r"^(?:all |the )*(?:experiments|tests)$",
    "all (?:the )?(?:experiments|tests)",
)
WHAT_IS_ON: Final = Cued(
    "running live active ongoing in",
    r"(?:how many|what|which|anything|something|everything)(?: \w+)? (?:is|are) (?:still |currently |now "
    r")?(?:running|live|active|ongoing|in progress)(?: (?:right now|now|currently|at the moment))?",
    "(?:currently )?(?:running|active|ongoing|live) (?:experiments|tests)",
)
WHAT_ENDED: Final = Cued(
    "ended finished completed concluded past closed over",
    r"(?:how many|what|which)(?: \w+)? (?:has|have|is|are|were)? ?(?:ended|finished|completed|concluded|over|closed)",
    r"(?:ended|finished|completed|concluded|past|closed) (?:experiments|tests)",
)
METRIC_LIST: Final = Cued(
    "metrics kpis measures",
    r"(?:what|which)(?: other)? (?:metrics|kpis|measures)(?: (?:are|do|does|did|is|were|can|we|you|i|have|has|exist|"
    r"there|xexp|it|use[ds]?|track(?:ed|s)?|measure[ds]?|available|ask|about))*",
    r"(?:list|show|name|give)(?: me)?(?: all| the| your| its)* (?:metrics|kpis|measures)",
    r"^(?:all |the )*(?:metrics|kpis)$",
)
SEGMENT_LIST: Final = Cued(
    "segment dimension breakdown",
    r"(?:what|which)(?: other)? (?:segments|dimensions|breakdowns)(?: (?:are|do|does|is|can|we|you|i|have|has|exist|"
    r"there|xexp|it|available|ask|about))*",
    r"(?:list|show|name|give)(?: me)?(?: all| the| its)* (?:segments|dimensions|breakdowns)",
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
    r"describe(?: the)?(?: experiment)? xexp",
    r"(?:is|are|was|has) (?:xexp|it) (?:still |already |yet )*(?:running|live|active|over|finished|ended|done|"
    r"complete[d]?|ongoing|going on)",
    r"when (?:did|does|will|was) (?:xexp|it) (?:start|begin|end|stop|finish|started|launched)(?:ed)?",
    r"how long (?:has|did|was|is) (?:xexp|it) (?:been )?(?:running|run|last)",
    "^(?:status|hypothesis|description)$",
)  # fmt: skip

_UP = (
    r"(?:increas|improv|rais|boost|outperform|succe)\w*|lift(?:s|ed)?|uplift|gr[eo]w(?:s|n|th|ing)?|rise|rises|rose|"
    r"risen|gains?|gained|higher|more|up|better|help(?:s|ed)?|winn?(?:s|ing|er|ers)?|won|work(?:s|ed|ing)?|"
    r"positive(?:ly)?|good|beat(?:s|en)?|dr[io]ves?|driven|best|benefit\w*"
)
_DOWN = (
    r"(?:decreas|reduc|harm|damag|declin|cannibali[sz]|worsen)\w*|lower(?:s|ed|ing)?|drop(?:s|ped|ping)?|f[ae]ll(?:s|"
    r"en|ing)?|hurt(?:s|ing)?|worse|los(?:e|es|t|ing|s|er)|cuts?|down|fewer|less|negative(?:ly)?|bad(?:ly)?|fail(?:s|"
    r"ed|ing)?|worst"
)
_FLAT = (
    r"effects?|impact(?:s|ed)?|affect(?:s|ed)?|chang(?:e|es|ed|ing)|mov(?:e|es|ed|ing)|perform\w*|differ(?:ence|"
    r"ences|ent|s)?|influence[ds]?|happen(?:s|ed)?|statistically|statistical|significan\w*|stat sig|statsig|p "
    r"values?|(?:confidence )?intervals?|ci|chance to win|chance of winning|probability|(?:by )?how (?:much|big|"
    r"large|strong|far)|conclusive|inconclusive|went|going|go|get on|fare[ds]?|make a difference|made a difference|"
    r"compared?(?: (?:to|with))?|vs|versus|against|relative to|results?|overview|summary|summari[sz]e|scorecard|"
    r"numbers|size|work out|flat|neutral|hold up|held up|stack up|update|latest"
)
OUTCOME: Final = Cued(
    "*",
    _UP,
    _DOWN,
    _FLAT,
    r"without (?:hurting|harming|reducing|increasing|raising|lowering|damaging|affecting|changing|worsening)",
)
PAIR: Final = Cued(
    "vs versus against than compare over beat between or outperform",
    r"(?:vs|versus|against|than|compared? (?:to|with)|over|beats?|between|or|outperform\w*)",
)
FOLLOW: Final = Cued.exact(
    "*",
    r"^(?:and|what about|how about|only|just|same|now|also|but|ok|okay|then|or|for|on|in|by|with|as|at)\b",
)
QUESTIONS_OF_OUTCOME: Final = Cued.exact(
    "*",
    r"^(?:how (?:did|does|is|was|has|have|are)|did|does|do|has|have|is|was|are|were)\b",
)
BY: Final = Cued.exact(
    "xdim",
    r"\b(?:by|per|across|split by|broken down by|breakdown by|for each|in each|each|every|between)(?: the)?(?: "
    r"different)? xdim\b|\bxdim (?:breakdown|split)\b",
)
BREAKDOWN: Final = Cued(
    "bro split drill segmented across each every different",
    r"(?:broken|break|breaking|split|drill)(?: it| that| this)? ?(?:down)?",
    "breakdown",
    "segmented",
    "across",
    "each",
    "every",
    "different",
)
