-- Data points under control: limits in versions, verdicts, signals, and what people decided about them.

create table control_limits (
    metric_id varchar not null,
    version bigint not null,
    made_at timestamp not null,
    from_at timestamp not null,
    to_at timestamp not null,
    points bigint not null,
    kind varchar not null,
    center double not null,
    sigma double not null,
    lower double not null,
    upper double not null,
    rate double not null,
    calibration varchar not null,
    reason varchar not null,
    actor varchar not null
);

create table latest_control_limits (
    metric_id varchar not null,
    version bigint not null,
    made_at timestamp not null,
    from_at timestamp not null,
    to_at timestamp not null,
    points bigint not null,
    kind varchar not null,
    center double not null,
    sigma double not null,
    lower double not null,
    upper double not null,
    rate double not null,
    calibration varchar not null,
    reason varchar not null,
    actor varchar not null,
    primary key (metric_id)
);

create table point_verdicts (
    metric_id varchar not null,
    observed_at timestamp not null,
    judged_at timestamp not null,
    value double not null,
    state varchar not null check (state in ('in_control', 'signal', 'learning', 'left_out')),
    score double,
    cause varchar not null,
    rules varchar not null,
    center double,
    lower double,
    upper double,
    version bigint not null,
    is_late boolean not null
);

create table signals (
    signal_id varchar not null,
    metric_id varchar not null,
    rule varchar not null,
    changed_at timestamp not null,
    state varchar not null check (state in ('open', 'closed', 'withdrawn')),
    mode varchar not null check (mode in ('alert', 'watch')),
    first_at timestamp not null,
    last_at timestamp not null,
    detected_at timestamp not null,
    members varchar not null,
    score double not null,
    direction varchar not null,
    value double not null,
    center double,
    lower double,
    upper double,
    rate double not null,
    version bigint not null,
    evidence varchar not null
);

create table latest_signals (
    signal_id varchar not null,
    metric_id varchar not null,
    rule varchar not null,
    changed_at timestamp not null,
    state varchar not null,
    mode varchar not null,
    first_at timestamp not null,
    last_at timestamp not null,
    detected_at timestamp not null,
    members varchar not null,
    score double not null,
    direction varchar not null,
    value double not null,
    center double,
    lower double,
    upper double,
    rate double not null,
    version bigint not null,
    evidence varchar not null,
    primary key (signal_id)
);

create table signal_answers (
    signal_id varchar not null,
    metric_id varchar not null,
    rule varchar not null,
    answered_at timestamp not null,
    answer varchar not null check (answer in ('real', 'expected', 'data_late')),
    actor varchar not null,
    reason varchar not null
);

create table latest_signal_answers (
    signal_id varchar not null,
    metric_id varchar not null,
    rule varchar not null,
    answered_at timestamp not null,
    answer varchar not null,
    actor varchar not null,
    reason varchar not null,
    primary key (signal_id)
);

create table point_marks (
    mark_id varchar not null,
    metric_id varchar not null,
    kind varchar not null check (kind in ('corrected', 'left_out', 'planned', 'note')),
    from_at timestamp not null,
    to_at timestamp not null,
    marked_at timestamp not null,
    actor varchar not null,
    reason varchar not null,
    old_value double,
    new_value double,
    is_withdrawn boolean not null
);

create table latest_point_marks (
    mark_id varchar not null,
    metric_id varchar not null,
    kind varchar not null,
    from_at timestamp not null,
    to_at timestamp not null,
    marked_at timestamp not null,
    actor varchar not null,
    reason varchar not null,
    old_value double,
    new_value double,
    is_withdrawn boolean not null,
    primary key (mark_id)
);

create table stage_events (
    stage_id varchar not null,
    metric_id varchar not null,
    starts_at timestamp not null,
    occurred_at timestamp not null,
    state varchar not null check (state in ('proposed', 'accepted', 'rejected', 'withdrawn')),
    reason varchar not null,
    actor varchar not null,
    evidence varchar not null
);

create table latest_stage_events (
    stage_id varchar not null,
    metric_id varchar not null,
    starts_at timestamp not null,
    occurred_at timestamp not null,
    state varchar not null,
    reason varchar not null,
    actor varchar not null,
    evidence varchar not null,
    primary key (stage_id)
);

create table watch_events (
    metric_id varchar not null,
    occurred_at timestamp not null,
    watch varchar not null,
    actor varchar not null,
    reason varchar not null,
    backtest varchar not null,
    is_withdrawn boolean not null
);

create table latest_watch_events (
    metric_id varchar not null,
    occurred_at timestamp not null,
    watch varchar not null,
    actor varchar not null,
    reason varchar not null,
    backtest varchar not null,
    is_withdrawn boolean not null,
    primary key (metric_id)
);

-- A point judged again keeps its first verdict beside the newest.
create view current_point_verdicts as
select
    *,
    count(*) over (partition by metric_id, observed_at) as times_judged,
    first_value(state) over (partition by metric_id, observed_at order by judged_at) as first_state,
    first_value(score) over (partition by metric_id, observed_at order by judged_at) as first_score,
    first_value(value) over (partition by metric_id, observed_at order by judged_at) as first_value
from point_verdicts
qualify row_number() over (partition by metric_id, observed_at order by judged_at desc) = 1;

create view marks_in_force as
select * from latest_point_marks where not is_withdrawn;

create view stages_in_force as
select * from latest_stage_events where state = 'accepted';

-- The data points with corrections in force: `value` is the one to use, `raw_value` the one that was collected.
create view corrected_data_points as
with corrections as (
    select
        metric_id,
        from_at,
        arg_max(new_value, marked_at) as new_value
    from latest_point_marks
    where kind = 'corrected' and not is_withdrawn
    group by metric_id, from_at
)

select
    points.metric_id,
    points.observed_at,
    points.collected_at,
    coalesce(corrections.new_value, points.value) as value,
    points.size,
    points.value as raw_value,
    corrections.new_value is not null as is_corrected
from current_data_points as points
left join corrections on points.metric_id = corrections.metric_id and points.observed_at = corrections.from_at;
