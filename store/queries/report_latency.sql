-- question: How fast did reports answer over time, and how many looks failed that were not planned to?
-- parameters: $since timestamp, $step_seconds bigint
-- returns: report_id varchar, bucket_at timestamp, latency_seconds double, checks bigint, down bigint
select
    report_id,
    time_bucket(to_seconds($step_seconds::bigint), observed_at) as bucket_at,
    avg(latency_seconds) as latency_seconds,
    count(*) as checks,
    count(*) filter (where state = 'down' and not is_planned) as down
from counted_looks
where observed_at >= $since
group by all
order by report_id, bucket_at
