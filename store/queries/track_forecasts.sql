-- question: What was forecast last for the slots that were due from some time on?
-- parameters: $since timestamp
-- returns: job_id varchar, due_at timestamp, forecast_at timestamp, median_at timestamp, miss_ratio double, blocked_by varchar
select
    job_id,
    due_at,
    forecast_at,
    median_at,
    miss_ratio,
    blocked_by
from latest_refresh_forecasts
where due_at >= $since
order by job_id, due_at
