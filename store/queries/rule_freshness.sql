-- question: What did the last freshness check of every dataset find?
-- parameters: $since timestamp
-- returns: dataset_id varchar, observed_at timestamp, state varchar, landed_at timestamp, data_age_seconds double, message varchar
select
    dataset_id,
    observed_at,
    state,
    landed_at,
    data_age_seconds,
    message
from latest_freshness_checks
where observed_at >= $since
order by dataset_id
