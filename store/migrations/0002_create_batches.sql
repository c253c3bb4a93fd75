-- A batch is applied once: its identity is a primary key in the transaction that brings its rows.
-- No column has a default that calls a function: Quack clients cannot attach such a store (docs/decisions/001-store.md).

create sequence batch_numbers;

create table batches (
    batch_id varchar primary key,
    batch_no bigint not null,
    collector varchar not null,
    spooled_at timestamp not null,
    applied_at timestamp not null
);

-- What each batch touched, so that rollups and exports redo only what changed.
create table batch_tables (
    batch_no bigint not null,
    table_name varchar not null,
    rows bigint not null,
    first_at timestamp,
    last_at timestamp
);
