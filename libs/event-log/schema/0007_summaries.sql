-- Up Migration

-- What may be in a page of positions, for searches by anything but the stream: a cache, made from the log after the
-- fact (summaries.ts). A page without a summary is looked through. The filter fits into the row: Postgres moves out
-- what makes it larger than 2 kB.
create table event_log.summaries (
  page      bigint primary key,
  from_time timestamptz not null,
  to_time   timestamptz not null,
  marks     bytea not null
);
