create table tool_calls (
  workspace_id text not null,
  id text not null,
  source text not null,
  status text not null,
  tool_id text,
  tool_version_id text,
  tool_binding_id text,
  builtin text,
  run_id text,
  node_id text,
  skill_run_id text,
  step_id text,
  task_id text,
  input jsonb,
  request jsonb,
  output_json jsonb,
  output_text text,
  error jsonb,
  latency_ms double precision,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  duration_ms double precision generated always as (extract(epoch from ended_at - started_at) * 1000) stored,
  primary key (workspace_id, id)
);
create index tool_calls_by_time on tool_calls (workspace_id, created_at desc, id desc);
create index tool_calls_by_tool on tool_calls (workspace_id, tool_id, created_at desc, id desc);
create index tool_calls_by_run on tool_calls (workspace_id, run_id, created_at desc, id desc);
create index tool_calls_by_skill_run on tool_calls (workspace_id, skill_run_id, created_at desc, id desc);
