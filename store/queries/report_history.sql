-- question: What did the last looks at one report find, whoever saw it?
-- parameters: $report_id varchar, $since timestamp
-- returns: observed_at timestamp, state varchar, stage varchar, http_status bigint, latency_seconds double, message varchar, persona varchar, verdict varchar, fault varchar, is_planned boolean
select
    observed_at,
    state,
    stage,
    http_status,
    latency_seconds,
    message,
    persona,
    coalesce(confirmed, state) as verdict,
    fault,
    is_planned
from counted_looks
where report_id = $report_id and observed_at >= $since
order by observed_at desc
limit 500
