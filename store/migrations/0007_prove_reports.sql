-- Reports rendered and proven: the whole verdict of a look, its numbers and hops, pictures, what people decided, trials.

alter table report_checks rename to report_checks_before;

create table report_checks (
    report_id varchar not null,
    observed_at timestamp not null,
    state varchar not null check (
        state in (
            'up', 'degraded', 'down', 'unknown'
        )
    ),
    stage varchar not null check (
        stage in (
            'reachable', 'loaded', 'finished', 'present', 'drawn', 'parsed', 'equal', 'fast'
        )
    ),
    http_status bigint,
    latency_seconds double,
    tls_days_left double,
    message varchar,
    persona varchar not null,
    check_id varchar not null,
    fault varchar check (
        fault in (
            'unreachable', 'timed_out', 'redirect_loop', 'refused_address', 'http_error', 'login_required',
            'download', 'too_heavy', 'exception', 'error_page', 'script_error', 'unfinished', 'overlay',
            'blank_page', 'missing_element', 'empty_chart', 'missing_number', 'unreadable_number', 'wrong_unit',
            'wrong_number', 'stale_number', 'backend_failed', 'slow', 'no_browser', 'no_sign_in', 'checker_failed',
            'checker_broken'
        )
    ),
    confirmed varchar check (
        confirmed in (
            'up', 'degraded', 'down', 'unknown'
        )
    ),
    stages varchar,
    attempts bigint not null,
    is_planned boolean not null,
    snapshot_id varchar,
    layout varchar,
    page_as_of_at timestamp,
    peak_memory_bytes bigint,
    received_bytes bigint
);

insert into report_checks by name
select
    * replace (
        case stage when 'status' then 'loaded' when 'content' then 'present' when 'latency' then 'fast' else 'reachable' end
        as stage
    ),
    '' as persona,
    '' as check_id,
    1 as attempts,
    false as is_planned
from report_checks_before;

drop table report_checks_before;
drop table latest_report_checks;

create table latest_report_checks (
    report_id varchar not null,
    observed_at timestamp not null,
    state varchar not null,
    stage varchar not null,
    http_status bigint,
    latency_seconds double,
    tls_days_left double,
    message varchar,
    persona varchar not null,
    check_id varchar not null,
    fault varchar,
    confirmed varchar,
    stages varchar,
    attempts bigint not null,
    is_planned boolean not null,
    snapshot_id varchar,
    layout varchar,
    page_as_of_at timestamp,
    peak_memory_bytes bigint,
    received_bytes bigint,
    primary key (report_id, persona)
);

insert into latest_report_checks by name
select * from report_checks qualify row_number() over (partition by report_id order by observed_at desc) = 1;

create table report_numbers (
    report_id varchar not null,
    persona varchar not null,
    number_id varchar not null,
    check_id varchar not null,
    observed_at timestamp not null,
    state varchar not null check (
        state in (
            'match', 'in_flight', 'stale', 'wrong', 'unreadable', 'unknown'
        )
    ),
    page_text varchar,
    page_value double,
    backend_value double,
    tolerance double,
    unit varchar not null,
    hop varchar,
    day date,
    segment varchar,
    message varchar
);

create table latest_report_numbers (
    report_id varchar not null,
    persona varchar not null,
    number_id varchar not null,
    check_id varchar not null,
    observed_at timestamp not null,
    state varchar not null,
    page_text varchar,
    page_value double,
    backend_value double,
    tolerance double,
    unit varchar not null,
    hop varchar,
    day date,
    segment varchar,
    message varchar,
    primary key (report_id, persona, number_id)
);

create table report_hops (
    report_id varchar not null,
    persona varchar not null,
    number_id varchar not null,
    check_id varchar not null,
    observed_at timestamp not null,
    position bigint not null,
    hop varchar not null,
    value double,
    is_wrong boolean not null,
    day date,
    segment varchar,
    value_before double,
    value_here double,
    rows_before bigint,
    rows_here bigint,
    message varchar
);

create table snapshots (
    snapshot_id varchar not null,
    report_id varchar not null,
    persona varchar not null,
    taken_at timestamp not null,
    file varchar not null,
    width bigint not null,
    height bigint not null,
    bytes bigint not null,
    phash varchar not null,
    layout varchar not null
);

create table baseline_events (
    report_id varchar not null,
    persona varchar not null,
    occurred_at timestamp not null,
    state varchar not null check (
        state in (
            'approved', 'withdrawn'
        )
    ),
    snapshot_id varchar not null,
    file varchar not null,
    layout varchar not null,
    actor varchar not null,
    reason varchar not null
);

create table maintenance_events (
    window_id varchar not null,
    report_id varchar not null,
    occurred_at timestamp not null,
    begin_at timestamp not null,
    end_at timestamp not null,
    is_withdrawn boolean not null,
    actor varchar not null,
    reason varchar not null
);

create table checker_trials (
    case_id varchar not null,
    observed_at timestamp not null,
    is_right boolean not null,
    expected varchar check (
        expected in (
            'unreachable', 'timed_out', 'redirect_loop', 'refused_address', 'http_error', 'login_required',
            'download', 'too_heavy', 'exception', 'error_page', 'script_error', 'unfinished', 'overlay',
            'blank_page', 'missing_element', 'empty_chart', 'missing_number', 'unreadable_number', 'wrong_unit',
            'wrong_number', 'stale_number', 'backend_failed', 'slow', 'no_browser', 'no_sign_in', 'checker_failed',
            'checker_broken'
        )
    ),
    found varchar check (
        found in (
            'unreachable', 'timed_out', 'redirect_loop', 'refused_address', 'http_error', 'login_required',
            'download', 'too_heavy', 'exception', 'error_page', 'script_error', 'unfinished', 'overlay',
            'blank_page', 'missing_element', 'empty_chart', 'missing_number', 'unreadable_number', 'wrong_unit',
            'wrong_number', 'stale_number', 'backend_failed', 'slow', 'no_browser', 'no_sign_in', 'checker_failed',
            'checker_broken'
        )
    ),
    seconds double,
    message varchar
);

create table latest_checker_trials (
    case_id varchar not null,
    observed_at timestamp not null,
    is_right boolean not null,
    expected varchar,
    found varchar,
    seconds double,
    message varchar,
    primary key (case_id)
);

-- The day tier of the looks: what the 90-day bars and budgets are made of. `stale` are the degraded looks that count as bad.
create table report_days (
    report_id varchar not null,
    day_at timestamp not null,
    looks bigint not null,
    known bigint not null,
    good bigint not null,
    degraded bigint not null,
    stale bigint not null,
    down bigint not null,
    planned bigint not null,
    p50_latency_seconds double,
    p95_latency_seconds double,
    primary key (report_id, day_at)
);

-- A report is as bad as it is for the audience that sees it worst; nothing is unknown for one that is down for another.
create view report_verdicts as
select
    *,
    coalesce(confirmed, state) as verdict,
    count(*) over (partition by report_id) as personas,
    count(*) filter (where coalesce(confirmed, state) = 'down') over (partition by report_id) as personas_down
from latest_report_checks
qualify row_number() over (
    partition by report_id
    order by list_position(['down', 'degraded', 'unknown', 'up'], coalesce(confirmed, state)), observed_at desc
) = 1;

create view maintenance_windows as
select *
from maintenance_events
qualify row_number() over (partition by window_id order by occurred_at desc) = 1 and not is_withdrawn;

create view report_baselines as
select *
from baseline_events
qualify row_number() over (partition by report_id, persona order by occurred_at desc) = 1 and state = 'approved';

-- Verification mails are notices of a kind of their own.
alter table notifications rename to notifications_before;

create table notifications (
    notification_id varchar not null,
    occurred_at timestamp not null,
    state varchar not null check (
        state in (
            'queued', 'sent', 'retrying', 'undeliverable', 'withheld'
        )
    ),
    kind varchar not null check (
        kind in (
            'fired', 'resolved', 'reminder', 'escalation', 'watchdog', 'verification'
        )
    ),
    channel varchar not null,
    rule varchar not null,
    subject varchar not null,
    severity varchar not null,
    title varchar not null,
    incident_id varchar not null,
    attempts bigint not null,
    reason varchar not null,
    problem varchar
);

insert into notifications by name
select * from notifications_before;

drop table notifications_before;

-- What a look counts for: nothing while it is planned or unknown; bad when the report was down or showed a stale number.

create view counted_looks as
select
    looks.* replace (
        looks.is_planned or coalesce(
            len(list_filter(spans.windows, lambda w: looks.observed_at >= w.begin_at and looks.observed_at < w.end_at)) > 0,
            false
        ) as is_planned
    ),
    looks.state <> 'unknown' as is_told,
    looks.state = 'down' or coalesce(looks.fault = 'stale_number', false) as is_bad
from report_checks as looks
left join (
    select
        report_id,
        list(struct_pack(begin_at := begin_at, end_at := end_at)) as windows
    from maintenance_windows
    group by report_id
) as spans on looks.report_id = spans.report_id;

-- The days of all reports: from the day tier and, where that ends, from the looks themselves.
create view looked_days as
with tier_end as (
    select coalesce(max(day_at), timestamp '1970-01-01') as day_at from report_days
)

select
    report_id,
    date_trunc('day', observed_at) as day_at,
    count(*) as looks,
    count(*) filter (where is_told and not is_planned) as known,
    count(*) filter (where state = 'up' and not is_planned) as good,
    count(*) filter (where state = 'degraded' and not is_planned) as degraded,
    count(*) filter (where state = 'degraded' and is_bad and not is_planned) as stale,
    count(*) filter (where state = 'down' and not is_planned) as down,
    count(*) filter (where is_planned) as planned,
    quantile_cont(latency_seconds, 0.95)::double as p95_latency_seconds
from counted_looks
where observed_at >= (select day_at from tier_end)
group by all
union all
select * exclude (p50_latency_seconds)
from report_days
where day_at < (select day_at from tier_end);
