-- question: Day by day, how did the looks at some reports go?
-- parameters: $reports varchar[], $since timestamp
-- returns: report_id varchar, day_at timestamp, looks bigint, known bigint, good bigint, degraded bigint, down bigint, planned bigint
select
    report_id,
    day_at,
    looks,
    known,
    good,
    degraded,
    down,
    planned
from looked_days
where day_at >= date_trunc('day', $since::timestamp) and list_contains($reports, report_id)
order by report_id, day_at
