-- question: How did the newest look at every report end, for each of its audiences?
-- returns: report_id varchar, persona varchar, observed_at timestamp, state varchar, verdict varchar, stage varchar, fault varchar, http_status bigint, latency_seconds double, tls_days_left double, message varchar, check_id varchar, attempts bigint, is_planned boolean, snapshot_id varchar, page_as_of_at timestamp
select
    report_id,
    persona,
    observed_at,
    state,
    coalesce(confirmed, state) as verdict,
    stage,
    fault,
    http_status,
    latency_seconds,
    tls_days_left,
    message,
    check_id,
    attempts,
    is_planned,
    snapshot_id,
    page_as_of_at
from latest_report_checks
order by report_id, persona
