-- question: When will the runs that are not finished be finished, by the newest forecasts?
-- parameters: $since timestamp
-- returns: job_id varchar, due_at timestamp, forecast_at timestamp, deadline_at timestamp, p10_at timestamp, median_at timestamp, p90_at timestamp, miss_ratio double, slack_seconds double, blocked_by varchar, path varchar, runs bigint
select
    forecasts.job_id,
    forecasts.due_at,
    forecasts.forecast_at,
    forecasts.deadline_at,
    forecasts.p10_at,
    forecasts.median_at,
    forecasts.p90_at,
    forecasts.miss_ratio,
    forecasts.slack_seconds,
    forecasts.blocked_by,
    forecasts.path,
    forecasts.runs
from latest_refresh_forecasts as forecasts
semi join (
    select job_id, due_at
    from latest_refresh_slots
    where due_at >= $since and finished_at is null and verdict not in ('failed', 'missed', 'unknown', 'withdrawn')
) as waiting using (job_id, due_at)
where forecasts.due_at >= $since
order by forecasts.job_id, forecasts.due_at
