-- Tiers of metric_samples: each bucket starts at bucket_at and is half-open.

create table metric_minutes (
    host varchar not null,
    metric varchar not null,
    instance varchar not null,
    bucket_at timestamp not null,
    samples bigint not null,
    mean double,
    low double,
    high double
);

create table metric_hours (
    host varchar not null,
    metric varchar not null,
    instance varchar not null,
    bucket_at timestamp not null,
    samples bigint not null,
    mean double,
    low double,
    high double
);

create table metric_days (
    host varchar not null,
    metric varchar not null,
    instance varchar not null,
    bucket_at timestamp not null,
    samples bigint not null,
    mean double,
    low double,
    high double
);
