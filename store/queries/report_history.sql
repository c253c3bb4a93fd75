-- question: What did the last looks at one report find?
-- parameters: $report_id varchar, $since timestamp
-- returns: observed_at timestamp, state varchar, stage varchar, http_status bigint, latency_seconds double, message varchar
select
    observed_at,
    state,
    stage,
    http_status,
    latency_seconds,
    message
from report_checks
where report_id = $report_id and observed_at >= $since
order by observed_at desc
limit 500
