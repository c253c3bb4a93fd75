-- question: By which limits are some data points judged now?
-- parameters: $ids varchar[]
-- returns: metric_id varchar, version bigint, made_at timestamp, from_at timestamp, to_at timestamp, points bigint, kind varchar, center double, sigma double, lower double, upper double, rate double, calibration varchar, reason varchar, actor varchar
select
    metric_id,
    version,
    made_at,
    from_at,
    to_at,
    points,
    kind,
    center,
    sigma,
    lower,
    upper,
    rate,
    calibration,
    reason,
    actor
from latest_control_limits
where metric_id in (select unnest($ids::varchar[]))
order by metric_id
