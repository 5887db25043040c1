create table code_executions (
  workspace_id text not null,
  id text not null,
  language text not null,
  code text not null,
  timeout_seconds double precision not null,
  status text not null,
  error_code text,
  error_message text,
  tier text not null,
  duration_ms double precision not null,
  input_bytes integer not null,
  result_bytes integer not null,
  stdout_bytes integer not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index code_executions_by_time on code_executions (workspace_id, created_at desc, id desc);
