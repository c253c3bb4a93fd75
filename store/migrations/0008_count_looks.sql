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

-- Nothing has filled the table so far: it gets `stale`, the degraded looks that count as bad.
drop table report_days;

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
