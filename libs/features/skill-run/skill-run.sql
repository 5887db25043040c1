create table skill_runs (
  workspace_id text not null,
  id text not null,
  status text not null,
  skill_id text not null,
  skill_version_id text not null,
  number integer not null,
  runtime_type text not null,
  input_json jsonb not null,
  installation_id text,
  parent jsonb,
  child_run_id text,
  output_text text,
  output_json jsonb,
  error jsonb,
  worker_key text,
  version integer not null,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (workspace_id, id)
) with (fillfactor = 85);
create index skill_runs_by_time on skill_runs (workspace_id, created_at desc, id desc);
