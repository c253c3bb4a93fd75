-- question: When did the newest batch of every collector reach the store, and how late?
-- parameters: $since timestamp
-- returns: collector varchar, spooled_at timestamp, applied_at timestamp, lag_seconds double
select
    collector,
    max(spooled_at) as spooled_at,
    max(applied_at) as applied_at,
    arg_max((date_diff('millisecond', spooled_at, applied_at) / 1000.0)::double, applied_at) as lag_seconds
from batches
where applied_at >= $since
group by collector
order by collector
