-- question: What did the looks at one report as one audience sees it find?
-- parameters: $report_id varchar, $persona varchar, $since timestamp
-- returns: observed_at timestamp, state varchar, verdict varchar, stage varchar, fault varchar, http_status bigint, latency_seconds double, message varchar, attempts bigint, is_planned boolean, snapshot_id varchar
select
    observed_at,
    state,
    coalesce(confirmed, state) as verdict,
    stage,
    fault,
    http_status,
    latency_seconds,
    message,
    attempts,
    is_planned,
    snapshot_id
from report_checks
where report_id = $report_id and persona = $persona and observed_at >= $since
order by observed_at desc
limit 2000
