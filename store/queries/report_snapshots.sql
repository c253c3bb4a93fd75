-- question: Which pictures of one report, as one audience sees it, were shown since some time?
-- parameters: $report_id varchar, $persona varchar, $since timestamp
-- returns: snapshot_id varchar, file varchar, taken_at timestamp, shown_at timestamp, looks bigint, verdict varchar, fault varchar, layout varchar, width bigint, height bigint, bytes bigint
with shown as (
    select
        snapshot_id,
        max(observed_at) as shown_at,
        count(*) as looks,
        arg_max(coalesce(confirmed, state), observed_at) as verdict,
        arg_max_null(fault, observed_at) as fault
    from report_checks
    where report_id = $report_id and persona = $persona and observed_at >= $since and snapshot_id is not null
    group by snapshot_id
)

select
    s.snapshot_id,
    s.file,
    s.taken_at,
    coalesce(shown.shown_at, s.taken_at) as shown_at,
    coalesce(shown.looks, 0) as looks,
    shown.verdict,
    shown.fault,
    s.layout,
    s.width,
    s.height,
    s.bytes
from snapshots as s
left join shown on s.snapshot_id = shown.snapshot_id
where s.report_id = $report_id and s.persona = $persona and coalesce(shown.shown_at, s.taken_at) >= $since
order by shown_at desc, s.taken_at desc
limit 500
