create table memory_reads (
  workspace_id text not null,
  read_id text not null,
  memory_id text not null,
  run_id text not null,
  query text not null,
  read_at timestamptz not null,
  primary key (workspace_id, read_id, memory_id)
);
create index memory_reads_by_memory on memory_reads (workspace_id, memory_id, read_at desc, read_id desc);
create index memory_reads_by_run on memory_reads (workspace_id, run_id, read_at desc, read_id desc);
