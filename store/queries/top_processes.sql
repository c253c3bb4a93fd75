-- question: Which processes were the busiest when each host was last looked at?
-- parameters: $since timestamp
-- returns: host varchar, observed_at timestamp, pid bigint, name varchar, cpu_busy_ratio double, memory_used_bytes bigint
select
    host,
    observed_at,
    pid,
    name,
    cpu_busy_ratio,
    memory_used_bytes
from process_samples
where observed_at >= $since
qualify rank() over (partition by host order by observed_at desc) = 1
order by host, cpu_busy_ratio desc, memory_used_bytes desc
