-- question: Which points do some data points have, each from a time of its own on, and what was last made of each?
-- parameters: $ids varchar[], $sinces varchar[]
-- returns: metric_id varchar, observed_at timestamp, value double, size double, is_corrected boolean, state varchar, judged_value double, version bigint
with wanted as (
    select
        unnest($ids::varchar[]) as metric_id,
        unnest($sinces::varchar[])::timestamp as since_at
),

collected as (
    select
        points.metric_id,
        points.observed_at,
        arg_max(points.value, points.collected_at) as value,
        arg_max(points.size, points.collected_at) as size
    from data_points as points
    inner join wanted on points.metric_id = wanted.metric_id and points.observed_at >= wanted.since_at
    group by points.metric_id, points.observed_at
),

corrections as (
    select
        metric_id,
        from_at,
        arg_max(new_value, marked_at) as new_value
    from latest_point_marks
    where kind = 'corrected' and not is_withdrawn
    group by metric_id, from_at
),

judged as (
    select
        verdicts.metric_id,
        verdicts.observed_at,
        arg_max({'state': verdicts.state, 'value': verdicts.value, 'version': verdicts.version}, verdicts.judged_at)
            as verdict
    from point_verdicts as verdicts
    inner join wanted on verdicts.metric_id = wanted.metric_id and verdicts.observed_at >= wanted.since_at
    group by verdicts.metric_id, verdicts.observed_at
)

select
    collected.metric_id,
    collected.observed_at,
    coalesce(corrections.new_value, collected.value) as value,
    collected.size,
    corrections.new_value is not null as is_corrected,
    judged.verdict.state as state,
    judged.verdict.value as judged_value,
    judged.verdict.version as version
from collected
left join corrections on collected.metric_id = corrections.metric_id and collected.observed_at = corrections.from_at
left join judged on collected.metric_id = judged.metric_id and collected.observed_at = judged.observed_at
where isfinite(coalesce(corrections.new_value, collected.value))
order by collected.metric_id, collected.observed_at
