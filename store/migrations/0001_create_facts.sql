-- Facts and events: append-only tables, one per row type in store/rows.py, and the newest row per key beside them.

create table metric_samples (
    host varchar not null,
    metric varchar not null,
    instance varchar not null,
    observed_at timestamp not null,
    value double
);

create table latest_metric_samples (
    host varchar not null,
    metric varchar not null,
    instance varchar not null,
    observed_at timestamp not null,
    value double,
    primary key (host, metric, instance)
);

create table process_samples (
    host varchar not null,
    observed_at timestamp not null,
    pid bigint not null,
    name varchar not null,
    cpu_busy_ratio double not null,
    memory_used_bytes bigint not null
);

create table refresh_runs (
    job_id varchar not null,
    run_id varchar not null,
    source varchar not null,
    status varchar not null check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped')),
    collected_at timestamp not null,
    started_at timestamp,
    finished_at timestamp,
    rows bigint,
    message varchar
);

create table latest_refresh_runs (
    job_id varchar not null,
    run_id varchar not null,
    source varchar not null,
    status varchar not null,
    collected_at timestamp not null,
    started_at timestamp,
    finished_at timestamp,
    rows bigint,
    message varchar,
    primary key (job_id, run_id)
);

create table freshness_checks (
    dataset_id varchar not null,
    observed_at timestamp not null,
    state varchar not null check (state in ('fresh', 'warn', 'stale', 'unknown')),
    landed_at timestamp,
    data_age_seconds double,
    message varchar
);

create table latest_freshness_checks (
    dataset_id varchar not null,
    observed_at timestamp not null,
    state varchar not null,
    landed_at timestamp,
    data_age_seconds double,
    message varchar,
    primary key (dataset_id)
);

create table report_checks (
    report_id varchar not null,
    observed_at timestamp not null,
    state varchar not null check (state in ('up', 'degraded', 'down', 'unknown')),
    stage varchar not null,
    http_status bigint,
    latency_seconds double,
    tls_days_left double,
    message varchar
);

create table latest_report_checks (
    report_id varchar not null,
    observed_at timestamp not null,
    state varchar not null,
    stage varchar not null,
    http_status bigint,
    latency_seconds double,
    tls_days_left double,
    message varchar,
    primary key (report_id)
);

create table data_points (
    metric_id varchar not null,
    observed_at timestamp not null,
    collected_at timestamp not null,
    value double not null,
    size double
);

create table latest_data_points (
    metric_id varchar not null,
    observed_at timestamp not null,
    collected_at timestamp not null,
    value double not null,
    size double,
    primary key (metric_id)
);

create table charges (
    load_id varchar not null,
    source varchar not null,
    billing_period_start timestamp not null,
    charge_period_start timestamp not null,
    charge_period_end timestamp not null,
    charge_category varchar not null,
    service_name varchar not null,
    service_category varchar,
    provider_name varchar,
    sub_account_id varchar,
    sub_account_name varchar,
    region_id varchar,
    resource_id varchar,
    pricing_quantity decimal(18, 6),
    pricing_unit varchar,
    billed_cost decimal(18, 6) not null,
    effective_cost decimal(18, 6) not null,
    list_cost decimal(18, 6),
    contracted_cost decimal(18, 6),
    billing_currency varchar not null,
    tags varchar
);

create table charge_loads (
    load_id varchar not null,
    source varchar not null,
    billing_period_start timestamp not null,
    loaded_at timestamp not null,
    rows bigint not null,
    billed_cost decimal(18, 6) not null,
    billing_currency varchar not null,
    path varchar not null
);

create table plan_lines (
    load_id varchar not null,
    loaded_at timestamp not null,
    service_name varchar not null,
    period_start date not null,
    planned_cost decimal(18, 6) not null,
    billing_currency varchar not null
);

create table request_events (
    request_id varchar not null,
    occurred_at timestamp not null,
    state varchar not null check (state in ('pending', 'approved', 'denied', 'cancelled', 'expired')),
    actor_id varchar not null,
    requester_id varchar not null,
    asset_id varchar not null,
    entitlement varchar not null,
    justification varchar not null,
    ends_on date,
    reason varchar
);

create table latest_request_events (
    request_id varchar not null,
    occurred_at timestamp not null,
    state varchar not null,
    actor_id varchar not null,
    requester_id varchar not null,
    asset_id varchar not null,
    entitlement varchar not null,
    justification varchar not null,
    ends_on date,
    reason varchar,
    primary key (request_id)
);

create table collector_runs (
    collector varchar not null,
    run_id varchar not null,
    started_at timestamp not null,
    outcome varchar not null check (outcome in ('succeeded', 'failed', 'timed_out', 'skipped')),
    rows bigint not null,
    seconds double not null,
    error varchar
);

create table latest_collector_runs (
    collector varchar not null,
    run_id varchar not null,
    started_at timestamp not null,
    outcome varchar not null,
    rows bigint not null,
    seconds double not null,
    error varchar,
    primary key (collector)
);

create table alert_transitions (
    rule varchar not null,
    subject varchar not null,
    occurred_at timestamp not null,
    state varchar not null check (state in ('pending', 'firing', 'resolved')),
    severity varchar not null,
    evidence varchar not null
);

create table latest_alert_transitions (
    rule varchar not null,
    subject varchar not null,
    occurred_at timestamp not null,
    state varchar not null,
    severity varchar not null,
    evidence varchar not null,
    primary key (rule, subject)
);

create table action_events (
    playbook varchar not null,
    subject varchar not null,
    occurred_at timestamp not null,
    state varchar not null check (state in ('acting', 'cured', 'not_cured', 'refused')),
    detail varchar not null
);

create table latest_action_events (
    playbook varchar not null,
    subject varchar not null,
    occurred_at timestamp not null,
    state varchar not null,
    detail varchar not null,
    primary key (playbook, subject)
);

create table set_aside_batches (
    batch_id varchar not null,
    collector varchar not null,
    set_aside_at timestamp not null,
    path varchar not null,
    problem varchar not null
);

create table passes (
    kind varchar not null,
    finished_at timestamp not null,
    batch_no bigint not null,
    seconds double not null
);
