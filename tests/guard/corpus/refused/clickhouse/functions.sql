-- case: a file in an expression
-- rules: function_not_allowed
select file('canary.txt') as f
-- case: a dictionary
-- rules: function_not_allowed
select dictGet('people', 'person', 1) as p
-- case: a dictionary with a default
-- rules: function_not_allowed
select dictGetOrDefault('people', 'person', 1, '') as p
-- case: a dictionary of texts
-- rules: function_not_allowed
select dictGetString('people', 'person', toUInt64(1)) as p
-- case: whether a dictionary has a key
-- rules: function_not_allowed
select dictHas('people', 1) as p
-- case: a hierarchy of a dictionary
-- rules: function_not_allowed
select dictGetHierarchy('people', 1) as p
-- case: a join table
-- rules: function_not_allowed
select joinGet('people_join', 'person', toUInt64(1)) as p
-- case: a join table or null
-- rules: function_not_allowed
select joinGetOrNull('people_join', 'person', toUInt64(1)) as p
-- case: a region
-- rules: function_not_allowed
select regionToName(toUInt32(1)) as r
-- case: whether a table has a column
-- rules: function_not_allowed
select hasColumnInTable('default', 'payroll', 'person') as h
-- case: a setting
-- rules: function_not_allowed
select getSetting('max_threads') as s
-- case: a server setting
-- rules: function_not_allowed
select getServerSetting('max_connections') as s
-- case: a macro
-- rules: function_not_allowed
select getMacro('shard') as m
-- case: a client's header
-- rules: function_not_allowed
select getClientHTTPHeader('Authorization') as h
-- case: the user
-- rules: function_not_allowed
select currentUser() as u
-- case: the user under another name
-- rules: function_not_allowed
select user() as u
-- case: the roles
-- rules: function_not_allowed
select currentRoles() as r
-- case: the database
-- rules: function_not_allowed
select currentDatabase() as d
-- case: the host
-- rules: function_not_allowed
select hostName() as h
-- case: the fqdn
-- rules: function_not_allowed
select FQDN() as h
-- case: the version
-- rules: function_not_allowed
select version() as v
-- case: the uptime
-- rules: function_not_allowed
select uptime() as u
-- case: the server's id
-- rules: function_not_allowed
select serverUUID() as u
-- case: the port
-- rules: function_not_allowed
select tcpPort() as p
-- case: the query's id
-- rules: function_not_allowed
select queryID() as q
-- case: the disk
-- rules: function_not_allowed
select filesystemAvailable() as f
-- case: now
-- rules: function_not_allowed
select now() as n
-- case: now with a scale
-- rules: function_not_allowed
select now64(3) as n
-- case: the time of a block
-- rules: function_not_allowed
select nowInBlock() as n
-- case: the server's time zone
-- rules: function_not_allowed
select serverTimezone() as t
-- case: utc now
-- rules: function_not_allowed
select UTCTimestamp() as t
-- case: a random number
-- rules: function_not_allowed
select rand() as r
-- case: a random number from a distribution
-- rules: function_not_allowed
select randNormal(0, 1) as r
-- case: a random text
-- rules: function_not_allowed
select randomString(10) as r
-- case: a uuid
-- rules: function_not_allowed
select generateUUIDv4() as u
-- case: a snowflake id
-- rules: function_not_allowed
select generateSnowflakeID() as u
-- case: sleep
-- rules: function_not_allowed
select sleep(3) as s
-- case: sleep for each row
-- rules: function_not_allowed
select sleepEachRow(1) as s from fct_daily
-- case: an exception
-- rules: function_not_allowed
select throwIf(1) as t
-- case: sql formatted
-- rules: function_not_allowed
select formatQuery('select 1') as q
-- case: sql parsed
-- rules: function_not_allowed
select parseQueryToJSON('select 1') as q
-- case: sql obfuscated
-- rules: function_not_allowed
select obfuscateQuery('select 1') as q
-- case: an aggregate named in a text
-- rules: function_not_allowed
select arrayReduce('max', [1, 2]) as a
-- case: an aggregate with sql in its name
-- rules: function_not_allowed
select arrayReduce('max(1) from payroll --', [1, 2]) as a
-- case: an aggregate state begun
-- rules: function_not_allowed
select initializeAggregation('sumState', 1) as s
-- case: an aggregate state finished
-- rules: function_not_allowed
select finalizeAggregation(sumState(n_events)) as s from fct_daily
-- case: an aggregate state
-- rules: function_not_allowed
select sumState(n_events) as s from fct_daily
-- case: an aggregate merged
-- rules: function_not_allowed
select sumMerge(n_events) as s from fct_daily
-- case: an aggregate for each
-- rules: function_not_allowed
select sumForEach([n_events]) as s from fct_daily
-- case: an aggregate over arrays
-- rules: function_not_allowed
select sumArray([n_events]) as s from fct_daily
-- case: an aggregate over maps
-- rules: function_not_allowed
select sumMap([1], [n_events]) as s from fct_daily
-- case: an aggregate resampled
-- rules: function_not_allowed
select sumResample(1, 10, 1)(n_events, n_events) as s from fct_daily
-- case: an aggregate's simple state
-- rules: function_not_allowed
select sumSimpleState(n_events) as s from fct_daily
-- case: an aggregate's argMax combinator
-- rules: function_not_allowed
select sumArgMax(n_events, date_day) as s from fct_daily
-- case: one combinator twice
-- rules: function_not_allowed
select sumIfIf(n_events, 1, 1) as s from fct_daily
-- case: a combinator on a plain function
-- rules: function_not_allowed
select upperIf(name, 1) as s from dim_experiments
-- case: neighbouring rows
-- rules: function_not_allowed
select neighbor(n_events, 1) as n from fct_daily
-- case: running differences
-- rules: function_not_allowed
select runningDifference(n_events) as n from fct_daily
-- case: the number of a row in a block
-- rules: function_not_allowed
select rowNumberInAllBlocks() as n from fct_daily
-- case: the size of a block
-- rules: function_not_allowed
select blockNumber() as n from fct_daily
-- case: a repeated text
-- rules: function_not_allowed
select repeat('x', 1000000000) as r
-- case: a text of blanks
-- rules: function_not_allowed
select space(1000000000) as r
-- case: a range as an array
-- rules: function_not_allowed
select range(1000000000) as r
-- case: an array of one constant
-- rules: function_not_allowed
select arrayWithConstant(1000000000, 1) as r
-- case: an array resized
-- rules: function_not_allowed
select arrayResize([1], 1000000000) as r
-- case: a text padded too far
-- rules: syntax_not_allowed
select leftPad('x', 1000000000, 'y') as r
-- case: a fixed text too long
-- rules: function_not_allowed
select toFixedString('x', 1000000000) as r
-- case: a name in another case
-- rules: function_not_allowed
select TOSTARTOFMONTH(date_day) as m from fct_daily
-- case: a name in another case, by sqlglot another function
-- rules: function_not_allowed
select TODATE('2026-01-01') as d
-- case: an aggregate in another case
-- rules: function_not_allowed
select UNIQEXACT(experiment_id) as n from fct_daily
-- case: a combinator in another case
-- rules: function_not_allowed
select SUMIF(n_events, 1) as n from fct_daily
-- case: a name in back quotes
-- rules: function_not_allowed
select `file`('canary.txt') as f
-- case: a name that sqlglot knows and the engine doesn't
-- rules: function_not_allowed
select array_agg_distinct(name) as a from dim_experiments
-- case: decryption
-- rules: function_not_allowed
select decrypt('aes-128-ecb', 'x', 'k') as d
-- case: stack addresses
-- rules: function_not_allowed
select addressToSymbol(1) as a
-- case: a stack shown
-- rules: function_not_allowed
select demangle('x') as d
-- case: a log line
-- rules: function_not_allowed
select logTrace('x') as l
-- case: a language model
-- rules: function_not_allowed
select aiGenerate('x') as a
-- case: machine learning on a model
-- rules: function_not_allowed
select evalMLMethod('x', 1) as m
-- case: a user-defined function
-- rules: function_not_allowed
select my_function(1) as m
-- case: a position in the shard
-- rules: function_not_allowed
select shardNum() as s
-- case: a transaction's id
-- rules: function_not_allowed
select transactionID() as t
-- case: json of everything
-- rules: function_not_allowed
select JSONExtractKeysAndValuesRaw('{}') as j
-- case: a type by its name
-- rules: function_not_allowed
select defaultValueOfTypeName('Int8') as d
-- case: what a column is stored as
-- rules: function_not_allowed
select dumpColumnStructure(name) as d from dim_experiments
-- case: whether it is constant
-- rules: function_not_allowed
select isConstant(name) as d from dim_experiments
-- case: ignore
-- rules: function_not_allowed
select name from dim_experiments where ignore(name) = 0
-- case: an index hint
-- rules: function_not_allowed
select name from dim_experiments where indexHint(name = 'x')
-- case: materialize
-- rules: function_not_allowed
select materialize(1) as m
-- case: a version 7 time
-- rules: function_not_allowed
select UUIDv7ToDateTime(generateUUIDv7()) as t
-- case: a comment of sqlglot's own
-- rules: function_not_allowed
select count(*) /* sqlglot.anonymous */ as n from dim_experiments
-- case: scalar file()
-- rules: function_not_allowed
select file('x') as f
-- case: dictGet
-- rules: function_not_allowed
select dictGet('d', 'a', 1) as x
-- case: joinGet
-- rules: function_not_allowed
select joinGet('j', 'a', 1) as x
-- case: sleep, again
-- rules: function_not_allowed
select sleep(3) as x
-- case: hasColumnInTable
-- rules: function_not_allowed
select hasColumnInTable('db', 'payroll', 'person') as h
