-- question: Which data points are judged in another way than the estate says, or were, and who decided that?
-- returns: metric_id varchar, occurred_at timestamp, watch varchar, actor varchar, reason varchar, backtest varchar, is_withdrawn boolean
select
    metric_id,
    occurred_at,
    watch,
    actor,
    reason,
    backtest,
    is_withdrawn
from latest_watch_events
order by metric_id
