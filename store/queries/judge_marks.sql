-- question: Which marks in force keep points out of baselines?
-- returns: metric_id varchar, kind varchar, from_at timestamp, to_at timestamp
select
    metric_id,
    kind,
    from_at,
    to_at
from marks_in_force
where kind <> 'note'
order by metric_id, from_at, to_at, kind
