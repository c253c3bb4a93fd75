-- A batch is applied once: its identity is a primary key in the transaction that brings its rows.

create sequence batch_numbers;

create table batches (
    batch_id varchar primary key,
    batch_no bigint not null default nextval('batch_numbers'),
    collector varchar not null,
    spooled_at timestamp not null,
    applied_at timestamp not null default (now() at time zone 'UTC')
);

-- What each batch touched, so that rollups and exports redo only what changed.
create table batch_tables (
    batch_no bigint not null,
    table_name varchar not null,
    rows bigint not null,
    first_at timestamp,
    last_at timestamp
);
