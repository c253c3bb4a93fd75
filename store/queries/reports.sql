-- question: How is every report, as the audience that sees it worst sees it, and what did the newest look there find?
-- returns: report_id varchar, observed_at timestamp, state varchar, stage varchar, http_status bigint, latency_seconds double, tls_days_left double, message varchar, persona varchar, look_state varchar, fault varchar, is_planned boolean, personas bigint, personas_down bigint
select
    report_id,
    observed_at,
    verdict as state,
    stage,
    http_status,
    latency_seconds,
    tls_days_left,
    message,
    persona,
    state as look_state,
    fault,
    is_planned,
    personas,
    personas_down
from report_verdicts
order by report_id
