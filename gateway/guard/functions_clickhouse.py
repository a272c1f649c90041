"""ClickHouse's pure functions that an analyst needs, in the same form as the DuckDB list; a live test compares.

Names are case-sensitive there, but for those in `ANY_CASE`. Left out on purpose: whatever reads files, network, other
tables (dictGet*, joinGet, in with a name), settings, identity, catalogs, the clock beyond today or a random source;
what depends on blocks of rows; what runs SQL, a lambda or a function named in a text; what makes large values from
small. Aggregates may carry the combinators -If, -OrNull, -OrDefault and -Distinct; their states may not leave.

sqlglot would respell most of these (`toStartOfMonth(x)` as `dateTrunc('MONTH', x)`) and drop arguments it knows
nothing of. So all but those in `READ_AS_CLASSES` are read as plain names, and rendered as they were written.
"""

from typing import Final

from gateway.guard.syntax import words

SCALAR: Final = """
DateAdd(expression this unit) = dateAdd DATE_ADD
DateDiff(expression this unit zone) = dateDiff date_diff DATE_DIFF
DateSub(expression this unit) = dateSub DATE_SUB
Ceil(decimals this) = ceil ceiling
Extract(expression this) = EXTRACT
Floor(decimals this) = floor
Initcap(expression this) = initcap
Pad(expression fill_pattern is_left this) = leftPad rightPad lpad rpad
StrPosition(substr this) = position
Struct(expressions) = tuple
Substring(length start this) = substring
Trim(expression position this) = trim
* = abs acos acosh asin asinh atan atan2 atanh cbrt ceil ceiling clamp cos cosh degrees divide divideOrNull erf erfc
    exp exp10 exp2 factorial floor gcd greatest hypot ifNotFinite intDiv intDivOrNull intDivOrZero isFinite isInfinite
    isNaN lcm least lgamma ln log log10 log1p log2 max2 min2 minus mod modulo moduloOrZero multiply negate pi plus
    positiveModulo pow power radians round roundBankers sigmoid sign sin sinh sqrt tan tanh tgamma trunc truncate
* = and equals greater greaterOrEquals if ilike isDistinctFrom isNotDistinctFrom less lessOrEquals like multiIf not
    notEquals notILike notLike or
* = assumeNotNull coalesce firstNonDefault ifNull isNotNull isNull isZeroOrNull nullIf toNullable
* = CHARACTER_LENGTH CHAR_LENGTH CRC32 MD5 REGEXP_MATCHES REGEXP_REPLACE SHA1 SHA224 SHA256 SHA512 SUBSTRING_INDEX
    appendTrailingCharIfAbsent ascii base58Encode base64Decode base64Encode bin cityHash64 concat concatWithSeparator
    concat_ws countMatches countSubstrings damerauLevenshteinDistance domain editDistance empty endsWith endsWithUTF8
    extractAll farmHash64 format halfMD5 hasSubsequence hasToken hex initcap initcapUTF8 instr intHash64
    jaroSimilarity jaroWinklerSimilarity lcase left leftUTF8 length lengthUTF8 levenshteinDistance locate lower
    lowerUTF8 ltrim match mid multiSearchAny multiSearchAnyCaseInsensitive murmurHash3_64 ngramDistance notEmpty
    positionCaseInsensitive positionCaseInsensitiveUTF8 positionUTF8 regexpExtract replace replaceAll replaceOne
    replaceRegexpAll replaceRegexpOne reverse reverseUTF8 right rightUTF8 rtrim sipHash64 soundex splitByChar
    splitByNonAlpha splitByRegexp splitByString splitByWhitespace startsWith startsWithUTF8 substr substringIndex
    substringUTF8 toValidUTF8 translate trimBoth trimLeft trimRight tryBase64Decode ucase unhex upper upperUTF8 xxHash64
* = DAY DAYOFMONTH DAYOFWEEK DAYOFYEAR DATE_FORMAT DATE_TRUNC HOUR LAST_DAY MINUTE MONTH QUARTER SECOND YEAR
    addDate addDays addHours addInterval addMinutes addMonths addQuarters addSeconds addWeeks addYears age dateName
    dateTrunc date_bin formatDateTime fromUnixTimestamp makeDate makeDateTime monthName parseDateTime
    parseDateTimeBestEffort parseDateTimeBestEffortOrNull parseDateTimeOrNull subDate subtractDays subtractHours
    subtractMinutes subtractMonths subtractQuarters subtractSeconds subtractWeeks subtractYears timeSlot time_bucket
    toDayOfMonth toDayOfWeek toDayOfYear toDaysInMonth toHour toISOWeek toISOYear toIntervalDay toIntervalHour
    toIntervalMinute toIntervalMonth toIntervalQuarter toIntervalSecond toIntervalWeek toIntervalYear toLastDayOfMonth
    toLastDayOfWeek toMinute toMonday toMonth toQuarter toRelativeDayNum toRelativeHourNum toRelativeMonthNum
    toRelativeWeekNum toSecond toStartOfDay toStartOfFifteenMinutes toStartOfFiveMinutes toStartOfHour toStartOfISOYear
    toStartOfInterval toStartOfMinute toStartOfMonth toStartOfQuarter toStartOfSecond toStartOfTenMinutes
    toStartOfWeek toStartOfYear toTimezone toUnixTimestamp toWeek toYYYYMM toYYYYMMDD toYYYYMMDDhhmmss toYear
    toYearWeek today week yearweek yesterday
* = toBool toDate toDate32 toDateOrNull toDateTime toDateTime64 toDateTimeOrNull toDecimal128 toDecimal32 toDecimal64
    toDecimal64OrNull toDecimalString toFloat32 toFloat64 toFloat64OrNull toFloat64OrZero toInt128 toInt16
    toInt32 toInt32OrNull toInt32OrZero toInt64 toInt64OrNull toInt64OrZero toInt8 toLowCardinality toString
    toTypeName toUInt16 toUInt32 toUInt32OrNull toUInt64 toUInt64OrNull toUInt64OrZero toUInt8 reinterpretAsInt64
* = array arrayCompact arrayConcat arrayCount arrayDistinct arrayElement
    arrayElementOrNull arrayEnumerate arrayExcept arrayFlatten arrayIntersect arrayMax arrayMin arrayPopBack
    arrayPopFront arrayPushBack arrayPushFront arrayReverse arrayReverseSort arraySlice arraySort
    arrayStringConcat arrayUniq arrayZip countEqual has hasAll hasAny indexOf map mapContainsKey mapKeys
    mapValues tupleElement
* = JSONArrayLength JSONExtractBool JSONExtractFloat JSONExtractInt JSONExtractRaw JSONExtractString JSONExtractUInt
    JSONHas JSONLength JSONType isValidJSON simpleJSONExtractBool simpleJSONExtractFloat simpleJSONExtractInt
    simpleJSONExtractString simpleJSONHas
* = bitAnd bitCount bitNot bitOr bitShiftLeft bitShiftRight bitTest bitXor formatReadableQuantity
    formatReadableSize formatReadableTimeDelta grouping
"""

AGGREGATE: Final = """
ArgMax(expression this) = argMax max_by
ArgMin(expression this) = argMin min_by
Avg(this) = avg
Count(big_int this) = count
Max(this) = max
Min(this) = min
Quantile(quantile this) = median quantile
Sum(this) = sum
* = any anyHeavy anyLast any_value argMax argMin array_agg avgWeighted boundingRatio corr corrStable
    covarPop covarSamp entropy first_value groupArray groupArraySorted groupBitAnd groupBitOr groupBitXor
    groupUniqArray kurtPop kurtSamp last_value mannWhitneyUTest max_by medianExact medianTDigest min_by
    quantileDeterministic quantileExact quantileExactExclusive quantileExactHigh quantileExactInclusive
    quantileExactLow quantileExactWeighted quantileTDigest quantileTiming quantiles quantilesExact quantilesTDigest
    rankCorr simpleLinearRegression skewPop skewSamp stddevPop stddevPopStable stddevSamp stddevSampStable
    studentTTest sumKahan sumWithOverflow topK uniq uniqCombined uniqCombined64 uniqExact uniqHLL12
    varPop varPopStable varSamp varSampStable welchTTest
"""

WINDOW: Final = """
* = cume_dist denseRank dense_rank lag lagInFrame lead leadInFrame nth_value ntile percentRank percent_rank rank
    row_number
"""

READ_AS_CLASSES: Final = words(
    """
    AVG COUNT DATEADD DATEDIFF DATESUB DATE_ADD DATE_DIFF DATE_SUB GENERATE_SERIES LEFTPAD LPAD MAX MIN RIGHTPAD
    RPAD SUM
    """
)
"""Names that sqlglot's own classes stand for, because the guard looks inside them."""

COMBINATORS: Final = ("If", "OrNull", "OrDefault", "Distinct")
"""Suffixes that an aggregate may bear."""

ANY_CASE: Final = words(
    """
    abs acos adddate age any_value array_agg ascii asin atan atan2 avg bin ceil ceiling char_length
    character_length coalesce concat concat_ws corr cos count countsubstrings crc32 date_add date_bin
    date_format date_sub date_trunc dateadd datediff datename datesub day dayofmonth dayofweek dayofyear degrees
    dense_rank exp extract factorial first_value firstnondefault floor greatest grouping hassubsequence hex hour
    hypot if ifnull initcap instr isnull lag last_day last_value lcase lead least left length ln locate log
    log10 log2 lower lpad makedate makedatetime max max2 max_by median mid min min2 min_by minute mod month
    monthname not nth_value ntile nullif percent_rank pi position positivemodulo pow power quantile quarter
    radians rank regexp_matches regexp_replace replace reverse right round row_number rpad second sign sin
    soundex sqrt subdate substr substring substring_index sum tan tanh time_bucket today todecimalstring trim
    trunc truncate tuple ucase unhex upper week year yearweek
    """
)
"""Of the names above, those that ClickHouse knows in any case, in lower case."""
