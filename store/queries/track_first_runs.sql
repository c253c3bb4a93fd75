-- question: Since when is each job known, how far back did runs reach that were collected since some time?
-- parameters: $collected_since timestamp
-- returns: job_id varchar, first_at timestamp, news_from timestamp
select
    job_id,
    min(coalesce(started_at, finished_at, collected_at)) as first_at,
    min(coalesce(started_at, finished_at, collected_at)) filter (where collected_at >= $collected_since) as news_from
from latest_refresh_runs
group by job_id
order by job_id
