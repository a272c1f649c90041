-- case: descending
platform desc
-- case: function
lower(platform)
-- case: hidden column
-- rules: column_not_found
unit_id desc
-- case: filter-only column
-- rules: column_filter_only
country
-- case: with fill
-- rules: parse_error
platform with fill
-- case: limit by
-- rules: parse_error
platform limit 1 by unit_id
-- case: collate
-- rules: syntax_not_allowed
platform collate 'en'
-- case: array join
-- rules: syntax_not_allowed
arrayJoin([unit_id])
