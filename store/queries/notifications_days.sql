-- question: How many pages were sent, withheld or undeliverable on every day since some time?
-- parameters: $since timestamp
-- returns: day_at timestamp, sent bigint, withheld bigint, undeliverable bigint
select
    date_trunc('day', occurred_at)::timestamp as day_at,
    count(*) filter (where state = 'sent') as sent,
    count(*) filter (where state = 'withheld') as withheld,
    count(*) filter (where state = 'undeliverable') as undeliverable
from latest_notifications
where occurred_at >= $since and kind in ('fired', 'reminder', 'escalation')
group by day_at
order by day_at
