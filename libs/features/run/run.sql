create table runs (
  workspace_id text not null,
  id text not null,
  status text not null,
  workflow_id text not null,
  workflow_version_id text not null,
  app_id text,
  app_version_id text,
  session_id text,
  input jsonb not null,
  output_text text,
  output_json jsonb,
  error jsonb,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (workspace_id, id)
) with (fillfactor = 85);
create index runs_by_time on runs (workspace_id, created_at desc, id desc);

create table node_runs (
  workspace_id text not null,
  run_id text not null,
  node_id text not null,
  id text not null,
  node_type text not null,
  status text not null,
  attempt integer not null,
  worker_key text,
  request jsonb,
  output_text text,
  output_json jsonb,
  route text,
  wait jsonb,
  error_code text,
  error_message text,
  queued_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (workspace_id, run_id, node_id)
) with (fillfactor = 85);
