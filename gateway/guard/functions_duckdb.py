"""DuckDB's pure functions that an analyst needs. Chosen by hand from `duckdb_functions()`; a live test compares.

Left out on purpose: whatever reads files, settings, identity, catalogs, sequences, variables, the clock beyond today
or a random source; whatever builds SQL or calls a function by a name in a string; what makes large values from small.

One line per class of sqlglot: the class, the arguments it may carry, and the engine's names that are read as it.
`*` lines are names that sqlglot has no class for.
"""

from typing import Final

SCALAR: Final = """
Abs(this) = abs
Acos(this) = acos
Acosh(this) = acosh
ArrayAppend(expression this) = list_append
ArrayConcat(expressions this) = list_concat
ArrayContains(expression this) = array_contains list_contains list_has
ArrayDistinct(this) = list_distinct
ArrayFilter(expression this) = list_filter
ArrayMax(this) = list_max
ArrayMin(this) = list_min
ArrayOverlaps(expression this) = list_has_any
ArrayPrepend(expression this) = list_prepend
ArraySize(this) = array_length
ArraySlice(end start this) = array_slice
ArraySort(nulls_first this) = list_sort
ArrayToString(expression this) = array_to_string
Ascii(this) = ascii
Asin(this) = asin
Asinh(this) = asinh
Atan(this) = atan
Atan2(expression this) = atan2
Atanh(this) = atanh
BitLength(this) = bit_length
Cbrt(this) = cbrt
Ceil(this) = ceil ceiling
Chr(expressions) = chr
Coalesce(expressions this) = coalesce ifnull
Concat(coalesce expressions safe) = concat
ConcatWs(coalesce expressions safe) = concat_ws
Contains(expression this) = contains
Cos(this) = cos
Cosh(this) = cosh
Cot(this) = cot
CurrentDate() = current_date today
DateAdd(expression this) = date_add
DateBin(expression this) = time_bucket
DateDiff(date_part_boundary expression this unit) = date_diff datediff
DateFromParts(day month year) = make_date
DateTrunc(this unit) = date_trunc
Day(this) = day
DayOfMonth(this) = dayofmonth
DayOfWeek(this) = dayofweek
DayOfWeekIso(this) = isodow
DayOfYear(this) = dayofyear
Dayname(this) = dayname
Degrees(this) = degrees
EndsWith(expression this) = ends_with
Exp(this) = exp
Extract(expression this) = extract
JSONExtract(expression only_json_types this) = json_extract json_extract_path
JSONExtractScalar(expression only_json_types scalar_only this) = json_extract_string json_extract_path_text
JSONKeys(this) = json_keys
JSONType(this) = json_type
Pad(expression fill_pattern is_left this) = lpad rpad
Factorial(this) = factorial
Flatten(this) = flatten
Floor(this) = floor
Format(expressions this) = format
Greatest(expressions ignore_nulls this) = greatest
Hex(this) = hex to_hex
Hour(this) = hour
IsInf(this) = isinf
IsNan(this) = isnan
JarowinklerSimilarity(expression this) = jaro_winkler_similarity
LastDay(this) = last_day
Least(expressions ignore_nulls this) = least
Left(expression this) = left
Length(this) = char_length character_length len length
Levenshtein(expression this) = editdist3 levenshtein
Ln(this) = ln
Log(expression this) = log log10
Lower(this) = lcase lower
MD5(this) = md5
Minute(this) = minute
Month(this) = month
Monthname(this) = monthname
Nullif(expression this) = nullif
Pi() = pi
Pow(expression this) = pow power
Quarter(this) = quarter
Radians(this) = radians
RegexpExtract(expression group null_if_pos_overflow this) = regexp_extract
RegexpExtractAll(expression group this) = regexp_extract_all
RegexpFullMatch(expression this) = regexp_full_match
RegexpLike(expression flag this) = regexp_matches
RegexpReplace(expression modifiers replacement single_replace this) = regexp_replace
Replace(expression replacement this) = replace
Reverse(this) = reverse
Right(expression this) = right
Round(decimals this) = round
SHA(this) = sha1
SHA2(length this) = sha256
Second(this) = second
Sign(this) = sign
Sin(this) = sin
Sinh(this) = sinh
Split(expression this) = split str_split string_split string_to_array
SplitPart(delimiter part_index this) = split_part
Sqrt(this) = sqrt
StartsWith(expression this) = starts_with
StrPosition(substr this) = instr position strpos
StrToTime(format this) = strptime
Struct(expressions) = struct_pack
Substring(length start this) = substr substring
Tan(this) = tan
Tanh(this) = tanh
TimeFromParts(hour min sec) = make_time
TimeToStr(format this) = strftime
TimeToUnix(this) = epoch
TimestampFromParts(day hour min month sec year) = make_timestamp
TimestampTrunc(this unit) = date_trunc datetrunc
ToDays(this) = to_days
Transform(expression this) = list_transform
Translate(from_ this to) = translate
Trim(expression position this) = ltrim rtrim trim
Trunc(decimals this) = trunc
Try(this) = try
Typeof(this) = typeof
Unicode(this) = unicode
UnixToTime(scale this) = epoch_ms make_timestamp to_timestamp
Upper(this) = ucase upper
Week(this) = week
WeekOfYear(this) = weekofyear
Year(this) = year
* = add age bin bit_count century damerau_levenshtein date_part date_sub datepart datesub days_in_month decade divide
    epoch_ns epoch_us even fdiv fmod format_bytes gamma gcd greatest_common_divisor hamming hash isfinite isoyear
    jaccard jaro_similarity json_valid julian lcm least_common_multiple left_grapheme length_grapheme lgamma
    list_extract list_first list_has_all list_intersect list_last list_position list_reverse list_slice list_unique log2
    microsecond millennium millisecond mismatches multiply nextafter nfc_normalize ord prefix printf regexp_escape
    regexp_split_to_array right_grapheme round_even roundbankers row signbit strip_accents strlen substring_grapheme
    subtract suffix timezone to_base to_hours to_milliseconds to_minutes to_months to_quarters to_seconds to_weeks
    to_years try_strptime url_decode url_encode weekday yearweek
"""

AGGREGATE: Final = """
AnyValue(this) = any_value
ApproxDistinct(this) = approx_count_distinct
ApproxQuantile(quantile this) = approx_quantile
ArgMax(count expression this) = arg_max argmax max_by
ArgMin(count expression this) = arg_min argmin min_by
ArrayAgg(this) = array_agg list
Avg(this) = avg
BitwiseAndAgg(this) = bit_and
BitwiseOrAgg(this) = bit_or
BitwiseXorAgg(this) = bit_xor
Corr(expression this) = corr
Count(big_int this) = count
CountIf(this) = count_if countif
CovarPop(expression this) = covar_pop
CovarSamp(expression this) = covar_samp
First(this) = first
GroupConcat(separator this) = group_concat listagg string_agg
Grouping(expressions) = grouping
GroupingId(expressions) = grouping_id
Kurtosis(this) = kurtosis
Last(this) = last
LogicalAnd(this) = bool_and
LogicalOr(this) = bool_or
Max(count this) = max
Median(this) = median
Min(this) = min
Mode(this) = mode
PercentileCont(expression this) = percentile_cont quantile_cont
PercentileDisc(expression this) = percentile_disc quantile_disc
Quantile(quantile this) = quantile
RegrAvgx(expression this) = regr_avgx
RegrAvgy(expression this) = regr_avgy
RegrCount(expression this) = regr_count
RegrIntercept(expression this) = regr_intercept
RegrR2(expression this) = regr_r2
RegrSlope(expression this) = regr_slope
RegrSxx(expression this) = regr_sxx
RegrSxy(expression this) = regr_sxy
RegrSyy(expression this) = regr_syy
Skewness(this) = skewness
Stddev(this) = stddev
StddevPop(this) = stddev_pop
StddevSamp(this) = stddev_samp
Sum(this) = sum
Variance(this) = var_samp variance
VariancePop(this) = var_pop
* = arbitrary entropy favg fsum geomean geometric_mean histogram kahan_sum kurtosis_pop mad mean product
    reservoir_quantile sem sum_no_overflow sumkahan wavg weighted_avg
"""

WINDOW: Final = """
CumeDist() = cume_dist
DenseRank() = dense_rank
FirstValue(this) = first_value
Lag(default offset this) = lag
LastValue(this) = last_value
Lead(default offset this) = lead
NthValue(offset this) = nth_value
Ntile(this) = ntile
PercentRank() = percent_rank
Rank() = rank
RowNumber() = row_number
* = rank_dense
"""
