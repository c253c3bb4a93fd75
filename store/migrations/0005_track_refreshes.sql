-- Refresh slots, their forecasts, what people decided about expectations; what a run tells about its data.

alter table refresh_runs add column triggered_by varchar;
alter table refresh_runs add column data_interval_start timestamp;
alter table refresh_runs add column data_interval_end timestamp;
alter table refresh_runs add column landed_at timestamp;
alter table refresh_runs add column bytes bigint;
alter table latest_refresh_runs add column triggered_by varchar;
alter table latest_refresh_runs add column data_interval_start timestamp;
alter table latest_refresh_runs add column data_interval_end timestamp;
alter table latest_refresh_runs add column landed_at timestamp;
alter table latest_refresh_runs add column bytes bigint;

create table refresh_slots (
    job_id varchar not null,
    expectation varchar not null,
    due_at timestamp not null,
    judged_at timestamp not null,
    verdict varchar not null check (
        verdict in (
            'upcoming', 'due', 'running', 'on_time', 'late_start', 'late_finish', 'too_long',
            'too_short', 'too_early', 'duplicate', 'out_of_order', 'failed', 'missed', 'unknown', 'withdrawn'
        )
    ),
    start_by_at timestamp not null,
    deadline_at timestamp not null,
    run_id varchar,
    started_at timestamp,
    finished_at timestamp,
    rows bigint,
    bytes bigint,
    landed_at timestamp,
    detail varchar not null
);

create table latest_refresh_slots (
    job_id varchar not null,
    expectation varchar not null,
    due_at timestamp not null,
    judged_at timestamp not null,
    verdict varchar not null,
    start_by_at timestamp not null,
    deadline_at timestamp not null,
    run_id varchar,
    started_at timestamp,
    finished_at timestamp,
    rows bigint,
    bytes bigint,
    landed_at timestamp,
    detail varchar not null,
    primary key (job_id, expectation, due_at)
);

create table refresh_forecasts (
    job_id varchar not null,
    due_at timestamp not null,
    forecast_at timestamp not null,
    deadline_at timestamp not null,
    p10_at timestamp not null,
    median_at timestamp not null,
    p90_at timestamp not null,
    miss_ratio double not null,
    slack_seconds double not null,
    blocked_by varchar not null,
    path varchar not null,
    runs bigint not null
);

create table latest_refresh_forecasts (
    job_id varchar not null,
    due_at timestamp not null,
    forecast_at timestamp not null,
    deadline_at timestamp not null,
    p10_at timestamp not null,
    median_at timestamp not null,
    p90_at timestamp not null,
    miss_ratio double not null,
    slack_seconds double not null,
    blocked_by varchar not null,
    path varchar not null,
    runs bigint not null,
    primary key (job_id, due_at)
);

create table expectation_events (
    job_id varchar not null,
    expectation_id varchar not null,
    occurred_at timestamp not null,
    state varchar not null check (state in ('proposed', 'accepted', 'rejected', 'withdrawn')),
    actor_id varchar not null,
    expectation varchar not null,
    confidence double,
    reason varchar
);

create table latest_expectation_events (
    job_id varchar not null,
    expectation_id varchar not null,
    occurred_at timestamp not null,
    state varchar not null,
    actor_id varchar not null,
    expectation varchar not null,
    confidence double,
    reason varchar,
    primary key (job_id, expectation_id)
);
