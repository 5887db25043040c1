-- Up Migration

create schema if not exists event_log;

create sequence event_log.stream_no_seq;
create sequence event_log.commit_seq cache 1;

-- One row per stream: the lock that writers of a stream meet at, its version and its lease.
-- first_seq and last_seq bound the partitions that hold the stream's commits. fillfactor leaves room for HOT
-- updates; therefore version, lease_until and last_seq must never be in an index or in an index predicate.
create table event_log.streams (
  stream_no    bigint primary key,
  workspace_id text collate "C" not null,
  category     text collate "C" not null,
  stream_id    text collate "C" not null,
  version      bigint not null,
  first_seq    bigint,
  last_seq     bigint,
  epoch        int not null default 0,
  lease_owner  int,
  lease_until  timestamptz,
  unique (workspace_id, category, stream_id)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

create index streams_leased on event_log.streams (category, stream_no) where lease_owner is not null;

-- One row per append. body holds one line of JSON per event. The key of the stream is repeated here so that
-- reading the log in order touches no other table.
create table event_log.commits (
  seq            bigint not null,
  append_id      uuid not null,
  stream_no      bigint not null,
  first_version  bigint not null,
  event_count    int not null,
  time           timestamptz not null,
  workspace_id   text collate "C" not null,
  category       text collate "C" not null,
  stream_id      text collate "C" not null,
  actor          text not null,
  correlation_id text not null,
  causation_id   text,
  traceparent    text,
  body           text not null,
  primary key (seq)
) partition by range (seq);

create index commits_by_stream on event_log.commits (stream_no, first_version, seq);

-- What has committed and has no position yet: one row per group commit.
create table event_log.unsequenced (
  id     bigint generated always as identity primary key,
  seqs   bigint[] not null,
  counts int[] not null,
  events int not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

create table event_log.positions (
  first_position bigint primary key,
  seq            bigint not null unique,
  event_count    int not null
);

-- One row: the newest position given. Two sequencers meet at its lock.
create table event_log.sequencer (
  id boolean primary key default true check (id),
  head bigint not null
) with (fillfactor = 10);
insert into event_log.sequencer (head) values (0);

create table event_log.commands (
  workspace_id  text collate "C" not null,
  command_id    text collate "C" not null,
  fingerprint   text not null,
  category      text collate "C" not null,
  stream_id     text collate "C" not null,
  first_version bigint not null,
  event_count   int not null,
  append_id     uuid not null,
  primary key (workspace_id, command_id)
);

create table event_log.reservations (
  workspace_id text collate "C" not null,
  scope        text collate "C" not null,
  key          text collate "C" not null,
  category     text collate "C" not null,
  stream_id    text collate "C" not null,
  append_id    uuid not null,
  primary key (workspace_id, scope, key)
);

create table event_log.cursors (
  name     text primary key,
  position bigint not null
) with (fillfactor = 50);

-- Event data above the inline limit, by the SHA-256 of its text.
create table event_log.payloads (
  hash text collate "C" primary key,
  body text not null
);

-- A cache: unlogged, so a crash of Postgres empties it and nothing else happens.
create unlogged table event_log.snapshots (
  workspace_id text collate "C" not null,
  category     text collate "C" not null,
  stream_id    text collate "C" not null,
  schema       text not null,
  version      bigint not null,
  state        text not null,
  primary key (workspace_id, category, stream_id, schema)
) with (fillfactor = 70);
