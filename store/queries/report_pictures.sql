-- question: Which picture did the newest look at some reports show?
-- parameters: $reports varchar[]
-- returns: report_id varchar, persona varchar, snapshot_id varchar, file varchar, taken_at timestamp
select
    c.report_id,
    c.persona,
    s.snapshot_id,
    s.file,
    s.taken_at
from latest_report_checks as c
inner join snapshots as s on c.snapshot_id = s.snapshot_id
where list_contains($reports, c.report_id)
order by c.report_id, c.persona
