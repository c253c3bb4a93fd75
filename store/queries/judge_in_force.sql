-- question: What decides how every data point with limits is judged, and at which rate?
-- returns: metric_id varchar, rate double, watch_key varchar
select
    metric_id,
    rate,
    calibration ->> '$.judge.watch' as watch_key
from latest_control_limits
order by metric_id
