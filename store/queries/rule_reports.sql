-- question: What did the newest look at every report find for each of its audiences, and what do several looks agree on?
-- returns: report_id varchar, persona varchar, observed_at timestamp, state varchar, verdict varchar, stage varchar, fault varchar, message varchar, latency_seconds double, is_planned boolean
select
    looks.report_id,
    looks.persona,
    looks.observed_at,
    looks.state,
    coalesce(looks.confirmed, looks.state) as verdict,
    looks.stage,
    looks.fault,
    looks.message,
    looks.latency_seconds,
    looks.is_planned or exists (
        select 1
        from maintenance_windows as windows
        where
            windows.report_id = looks.report_id
            and looks.observed_at >= windows.begin_at
            and looks.observed_at < windows.end_at
    ) as is_planned
from latest_report_checks as looks
order by looks.report_id, looks.persona
