-- question: Day by day, how did the looks at every report go?
-- parameters: $since timestamp
-- returns: report_id varchar, day_at timestamp, looks bigint, known bigint, good bigint, degraded bigint, stale bigint, down bigint, planned bigint, p95_latency_seconds double
select *
from looked_days
where day_at >= date_trunc('day', $since::timestamp)
order by report_id, day_at
