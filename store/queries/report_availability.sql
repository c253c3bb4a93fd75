-- question: How often was each report up, and how fast, since a time, without looks that were planned?
-- parameters: $since timestamp
-- returns: report_id varchar, checks bigint, known bigint, up_ratio double, p95_latency_seconds double, latencies double[]
select
    report_id,
    count(*) as checks,
    count(*) filter (where is_told and not is_planned) as known,
    (count(*) filter (where state in ('up', 'degraded') and not is_planned))::double
    / nullif(count(*) filter (where is_told and not is_planned), 0) as up_ratio,
    quantile_cont(latency_seconds, 0.95)::double as p95_latency_seconds,
    list_reverse(list(coalesce(latency_seconds, 0)::double order by observed_at desc)[1:40]) as latencies
from counted_looks
where observed_at >= $since
group by report_id
order by report_id
