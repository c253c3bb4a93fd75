-- question: By which limits were some data points judged, version by version?
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
from control_limits
where metric_id in (select unnest($ids::varchar[]))
qualify row_number() over (partition by metric_id, version order by made_at desc) = 1
order by metric_id, version
