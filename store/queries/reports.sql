-- question: Which reports are up, as last seen?
-- returns: report_id varchar, observed_at timestamp, state varchar, stage varchar, http_status bigint, latency_seconds double, tls_days_left double, message varchar
select
    report_id,
    observed_at,
    state,
    stage,
    http_status,
    latency_seconds,
    tls_days_left,
    message
from latest_report_checks
order by report_id
