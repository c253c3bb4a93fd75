-- question: How did every collector fare when it last ran, and over a window?
-- parameters: $since timestamp
-- returns: collector varchar, started_at timestamp, outcome varchar, rows bigint, seconds double, error varchar, runs bigint, failures bigint, durations double[]
select
    newest.collector,
    newest.started_at,
    newest.outcome,
    newest.rows,
    newest.seconds,
    newest.error,
    coalesce(lately.runs, 0) as runs,
    coalesce(lately.failures, 0) as failures,
    lately.durations
from latest_collector_runs as newest
left join (
    select
        collector,
        count(*) as runs,
        count(*) filter (where outcome in ('failed', 'timed_out')) as failures,
        list_reverse(list(seconds order by started_at desc)[1:40]) as durations
    from collector_runs
    where started_at >= $since
    group by collector
) as lately on newest.collector = lately.collector
order by newest.collector
