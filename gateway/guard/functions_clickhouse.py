"""ClickHouse's pure functions that an analyst needs, from its documentation, in the same form as the DuckDB list.

Names are case-sensitive there; the few that ClickHouse itself reads in any case are listed as people write them.
"""

from typing import Final

SCALAR: Final = """
Abs(this) = abs
Acos(this) = acos
Acosh(this) = acosh
Array(expressions) = array
ArrayConcat(expressions this) = arrayConcat
ArrayContains(expression this) = has
ArrayDistinct(this) = arrayDistinct
ArrayMax(this) = arrayMax
ArrayMin(this) = arrayMin
ArrayReverse(this) = arrayReverse
ArraySlice(end start this) = arraySlice
Ascii(this) = ascii
Asin(this) = asin
Asinh(this) = asinh
Atan(this) = atan
Atan2(expression this) = atan2
Atanh(this) = atanh
Cbrt(this) = cbrt
Ceil(this) = ceil ceiling
CityHash64(expressions) = cityHash64
Coalesce(expressions this) = coalesce ifNull
Concat(expressions safe) = concat
Cos(this) = cos
Cosh(this) = cosh
DateAdd(expression this unit) = dateAdd
DateDiff(expression this unit) = dateDiff date_diff
DateSub(expression this unit) = dateSub
DateTrunc(this unit) = dateTrunc date_trunc
Day(this) = day
DayOfWeekIso(this) = toDayOfWeek
Degrees(this) = degrees
EndsWith(expression this) = endsWith
Exp(this) = exp
Floor(this) = floor
Greatest(expressions ignore_nulls this) = greatest
Hex(this) = hex
Hour(this) = hour
Initcap(expression this) = initcap
IsInf(this) = isInfinite
IsNan(this) = isNaN
JSONExtractScalar(expression only_json_types this) = JSONExtractString
JarowinklerSimilarity(expression this) = jaroWinklerSimilarity
LastDay(this) = last_day
Least(expressions ignore_nulls this) = least
Left(expression this) = left
Length(binary this) = length char_length
Levenshtein(expression this) = levenshteinDistance
Ln(this) = ln log
Log(expression this) = log10 log2
Lower(this) = lower
MD5Digest(this) = MD5
Month(this) = month
Monthname(this) = monthName
Nullif(expression this) = nullIf
Pad(expression fill_pattern is_left this) = leftPad rightPad
ParseDatetime(format this) = parseDateTime
Pi() = pi
Pow(expression this) = pow power
Quarter(this) = quarter
Radians(this) = radians
RegexpLike(expression this) = match
Replace(expression replacement this) = replace
Reverse(this) = reverse
Right(expression this) = right
Round(decimals this) = round round
SHA(this) = SHA1
SHA2(length this) = SHA256
Sign(this) = sign
Sin(this) = sin
Sinh(this) = sinh
Split(expression this) = splitByChar splitByString
Sqrt(this) = sqrt
StartsWith(expression this) = startsWith
StrPosition(substr this) = position locate
Struct(expressions) = tuple
Substring(length start this) = substring
SubstringIndex(count delimiter this) = substringIndex
Tan(this) = tan
Tanh(this) = tanh
TimeToStr(format this) = formatDateTime
TimestampTrunc(this unit) = dateTrunc toMonday toStartOfDay toStartOfHour toStartOfMinute toStartOfMonth
    toStartOfQuarter toStartOfYear
Translate(from_ this to) = translate
Trim(position this) = ltrim rtrim trim trimLeft trimRight trimBoth
Trunc(decimals this) = trunc truncate
Typeof(this) = toTypeName
Upper(this) = upper
WeekOfYear(this) = toISOWeek
Year(this) = year
YearOfWeekIso(this) = toISOYear
* = erf erfc exp2 exp10 gcd intDiv intDivOrZero isFinite ifNotFinite lcm lgamma log1p max2 min2 modulo
    moduloOrZero negate plus minus multiply divide roundBankers tgamma base64Encode concatWithSeparator empty
    notEmpty lengthUTF8 lowerUTF8 upperUTF8 multiSearchAny positionCaseInsensitive replaceOne replaceAll
    replaceRegexpOne replaceRegexpAll reverseUTF8 substringUTF8 mid ngramDistance damerauLevenshteinDistance
    jaroSimilarity sipHash64 toString toValidUTF8 leftUTF8 rightUTF8 countSubstrings appendTrailingCharIfAbsent
    multiIf isNull isNotNull assumeNotNull toNullable equals notEquals less greater lessOrEquals greaterOrEquals
    isZeroOrNull age addDays addHours addMinutes addMonths addQuarters addSeconds addWeeks addYears dateName
    fromUnixTimestamp makeDate makeDateTime parseDateTimeBestEffort parseDateTimeBestEffortOrNull subtractDays
    subtractHours subtractMonths subtractWeeks subtractYears timeSlot toDate toDate32 toDateTime toDateTime64
    toDayOfMonth toDayOfYear toHour toIntervalDay toIntervalHour toIntervalMonth toIntervalWeek toIntervalYear
    toLastDayOfMonth toMinute toMonth toQuarter toRelativeDayNum toRelativeWeekNum toSecond
    toStartOfFifteenMinutes toStartOfFiveMinutes toStartOfISOYear toStartOfInterval toStartOfWeek toUnixTimestamp
    toWeek toYear toYYYYMM toYYYYMMDD toYearWeek today yesterday toBool toInt8 toInt16 toInt32 toInt64 toInt128
    toUInt8 toUInt16 toUInt32 toUInt64 toFloat32 toFloat64 toFloat64OrNull toFloat64OrZero toInt64OrNull
    toInt64OrZero toInt32OrNull toUInt64OrNull toDateOrNull toDateTimeOrNull toDecimal32 toDecimal64 toDecimal128
    reinterpretAsInt64 hasAny hasAll indexOf arrayElement arraySort arrayUniq arrayStringConcat tupleElement
    JSONExtractInt JSONExtractFloat JSONExtractBool JSONHas JSONLength JSONType isValidJSON
    simpleJSONExtractString simpleJSONExtractInt bitAnd bitOr bitXor bitNot bitCount bitShiftLeft bitShiftRight
"""

AGGREGATE: Final = """
AnyValue(this) = any
ApproxDistinct(this) = uniq
ArgMax(expression this) = argMax
ArgMin(expression this) = argMin
Avg(this) = avg
BitwiseAndAgg(this) = groupBitAnd
BitwiseOrAgg(this) = groupBitOr
BitwiseXorAgg(this) = groupBitXor
Corr(expression this) = corr
Count(big_int this) = count count count
CountIf(this) = countIf
FirstValue(this) = first_value
LastValue(this) = last_value
LogicalAnd(this) = bool_and
LogicalOr(this) = bool_or
Max(this) = max
Min(this) = min
Quantile(quantile this) = median quantile
Sum(this) = sum
* = anyLast avgIf avgWeighted boundingRatio corrStable covarPop covarSamp entropy groupArray groupUniqArray
    kurtPop kurtSamp maxIf medianExact minIf quantileExact quantileTDigest quantileIf rankCorr
    simpleLinearRegression skewPop skewSamp stddevPop stddevSamp stddevPopStable stddevSampStable sumIf sumKahan
    sumWithOverflow sumOrNull avgOrNull uniqExact uniqIf uniqExactIf uniqCombined uniqHLL12 varPop varSamp
    varPopStable varSampStable anyIf argMaxIf argMinIf groupArrayIf stddevSampIf varSampIf studentTTest welchTTest
    mannWhitneyUTest topK
"""

WINDOW: Final = """
CumeDist() = cume_dist
DenseRank() = dense_rank
Lag(this) = lag
Lead(this) = lead
NthValue(offset this) = nth_value
Ntile(this) = ntile
PercentRank() = percent_rank
Rank() = rank
RowNumber() = row_number
* = lagInFrame leadInFrame
"""
