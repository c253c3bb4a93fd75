-- question: Which channels could not be reached since some time, why, and has one been reached again?
-- parameters: $since timestamp
-- returns: channel varchar, undeliverable bigint, retrying bigint, failed_at timestamp, problem varchar, sent_at timestamp
select
    channel,
    count(*) filter (where state = 'undeliverable') as undeliverable,
    count(*) filter (where state = 'retrying') as retrying,
    max(occurred_at) filter (where state in ('undeliverable', 'retrying')) as failed_at,
    coalesce(arg_max(problem, occurred_at) filter (where state in ('undeliverable', 'retrying')), '') as problem,
    max(occurred_at) filter (where state = 'sent') as sent_at
from latest_notifications
where occurred_at >= $since and state <> 'withheld'
group by channel
having count(*) filter (where state in ('undeliverable', 'retrying')) > 0
order by undeliverable desc, retrying desc, channel
