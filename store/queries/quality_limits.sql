-- question: By which limits was one data point judged, version by version, the newest first?
-- parameters: $metric_id varchar
-- returns: version bigint, made_at timestamp, from_at timestamp, to_at timestamp, points bigint, kind varchar, center double, sigma double, lower double, upper double, rate double, reason varchar, actor varchar
select
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
    reason,
    actor
from control_limits
where metric_id = $metric_id
qualify row_number() over (partition by version order by made_at desc) = 1
order by version desc
