-- question: When did a collector bring nothing for longer than it should, and is it still so?
-- parameters: $since timestamp, $least_seconds double
-- returns: collector varchar, from_at timestamp, until_at timestamp
with successes as (
    select
        collector,
        started_at as from_at,
        lead(started_at) over (partition by collector order by started_at) as until_at
    from collector_runs
    where outcome = 'succeeded' and started_at >= $since
)

select
    collector,
    from_at,
    until_at
from successes
where until_at is null or date_diff('millisecond', from_at, until_at) > $least_seconds * 1000
order by collector, from_at
