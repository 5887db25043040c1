create table model_calls (
  workspace_id text not null,
  id text not null,
  kind text not null,
  model text not null,
  provider text,
  provider_model text,
  status integer not null,
  complete boolean not null,
  stream boolean not null,
  prompt_tokens integer not null,
  completion_tokens integer not null,
  counted_by text not null,
  cost_usd text,
  latency_ms integer not null,
  run_id text,
  node_id text,
  agent_id text,
  skill_run_id text,
  answered_from text,
  day text not null,
  called_at timestamptz not null,
  primary key (workspace_id, id)
);
create index model_calls_by_time on model_calls (workspace_id, called_at desc, id desc);
create index model_calls_by_run on model_calls (workspace_id, run_id, called_at desc, id desc);
