-- question: How did the last run of every collector end?
-- returns: collector varchar, started_at timestamp, outcome varchar, error varchar
select
    collector,
    started_at,
    outcome,
    error
from latest_collector_runs
order by collector
