-- question: Which settings of people are in force in the place of the estate's?
-- returns: metric_id varchar, watch varchar
select
    metric_id,
    watch
from latest_watch_events
where not is_withdrawn
order by metric_id
