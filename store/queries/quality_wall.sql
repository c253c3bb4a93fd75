-- question: What is known of every data point now: newest value, newest verdict, limits, and its open signals?
-- parameters: $recent_since timestamp
-- returns: metric_id varchar, observed_at timestamp, value double, step_seconds double, judged_at timestamp, state varchar, score double, rules varchar, is_late boolean, kind varchar, rate double, alerting bigint, watched bigint, answered bigint, signal_score double, signal_rules varchar, since_at timestamp, evidence varchar
with spans as (
    select
        metric_id,
        max(observed_at) as observed_at,
        min(observed_at) as first_at,
        count(distinct observed_at) filter (where observed_at >= $recent_since) as recent_points,
        min(observed_at) filter (where observed_at >= $recent_since) as recent_first_at
    from data_points
    group by metric_id
),

rare as (
    select
        metric_id,
        count(distinct data_points.observed_at) as points
    from data_points
    inner join spans using (metric_id)
    where spans.recent_points <= 3
    group by metric_id
),

newest as (
    select
        metric_id,
        observed_at,
        arg_max(value, collected_at) as value
    from data_points
    inner join spans using (metric_id, observed_at)
    group by metric_id, observed_at
),

corrections as (
    select
        metric_id,
        from_at as observed_at,
        arg_max(new_value, marked_at) as value
    from marks_in_force
    where kind = 'corrected'
    group by metric_id, from_at
),

last_judged as (
    select
        metric_id,
        max(observed_at) as observed_at
    from point_verdicts
    group by metric_id
),

verdicts as (
    select
        metric_id,
        max(judged_at) as judged_at,
        arg_max(
            {'state': state, 'score': score, 'rules': rules, 'is_late': is_late, 'observed_at': observed_at}, judged_at
        ) as verdict
    from point_verdicts
    inner join last_judged using (metric_id, observed_at)
    group by metric_id
),

open_signals as (
    select
        signals.metric_id,
        signals.rule,
        signals.score,
        signals.first_at,
        signals.evidence,
        case
            when coalesce(answers.answer, '') in ('expected', 'data_late') then 'answered'
            when signals.mode = 'alert' then 'alerting'
            else 'watched'
        end as standing
    from latest_signals as signals
    left join latest_signal_answers as answers on signals.signal_id = answers.signal_id
    where signals.state = 'open'
),

told as (
    select
        metric_id,
        count(*) filter (where standing = 'alerting') as alerting,
        count(*) filter (where standing = 'watched') as watched,
        count(*) filter (where standing = 'answered') as answered,
        max(score) filter (where standing != 'answered') as signal_score,
        string_agg(distinct rule, ' ' order by rule) as signal_rules,
        min(first_at) as since_at,
        arg_max(evidence, {'first': standing = 'alerting', 'second': standing = 'watched', 'third': score}) as evidence
    from open_signals
    group by metric_id
)

select
    spans.metric_id,
    spans.observed_at,
    coalesce(corrections.value, newest.value) as value,
    case
        when spans.recent_points > 3
            then epoch(spans.observed_at - spans.recent_first_at) / (spans.recent_points - 1)
        when rare.points > 1
            then epoch(spans.observed_at - spans.first_at) / (rare.points - 1)
    end as step_seconds,
    verdicts.judged_at,
    verdicts.verdict.state as state,
    verdicts.verdict.score as score,
    verdicts.verdict.rules as rules,
    verdicts.verdict.is_late as is_late,
    limits.kind,
    limits.rate,
    coalesce(told.alerting, 0) as alerting,
    coalesce(told.watched, 0) as watched,
    coalesce(told.answered, 0) as answered,
    told.signal_score,
    told.signal_rules,
    told.since_at,
    told.evidence
from spans
inner join newest on spans.metric_id = newest.metric_id
left join rare on spans.metric_id = rare.metric_id
left join corrections on spans.metric_id = corrections.metric_id and spans.observed_at = corrections.observed_at
left join verdicts on spans.metric_id = verdicts.metric_id
left join latest_control_limits as limits on spans.metric_id = limits.metric_id
left join told on spans.metric_id = told.metric_id
order by spans.metric_id
