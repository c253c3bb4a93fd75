-- question: How full was every file system, hour by hour, since some time but at most a week?
-- parameters: $since timestamp
-- returns: host varchar, instance varchar, metric varchar, at double[], used double[]
select
    host,
    instance,
    metric,
    list(epoch(bucket_at)::double order by bucket_at) as at,
    list(mean order by bucket_at) as used
from metric_hours
where
    metric in ('disk_used_ratio', 'inode_used_ratio')
    and bucket_at >= $since
    and bucket_at >= (select max(bucket_at) - interval 7 days from metric_hours)
group by host, instance, metric
order by host, instance, metric
