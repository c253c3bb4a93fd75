-- question: How many looks at one report were known, and bad, within windows of some seconds up to a time?
-- parameters: $report_id varchar, $until timestamp, $seconds varchar[]
-- returns: seconds bigint, known bigint, bad bigint
with windows as (
    select unnest($seconds::varchar[])::bigint as seconds
)

select
    windows.seconds,
    count(*) filter (where looks.is_told) as known,
    count(*) filter (where looks.is_bad) as bad
from windows
inner join counted_looks as looks
    on looks.observed_at >= $until::timestamp - to_seconds(windows.seconds)
where
    looks.report_id = $report_id
    and not looks.is_planned
    and looks.observed_at >= $until::timestamp - interval 4 days
group by windows.seconds
order by windows.seconds
