create table memories (
  workspace_id text not null,
  id text not null,
  scope_type text not null,
  scope_id text not null,
  memory_type text not null,
  content_text text not null,
  importance_score double precision not null,
  metadata_json jsonb not null,
  status text not null,
  reason text,
  source_run_id text,
  created_by text not null,
  expires_at timestamptz,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index memories_by_time on memories (workspace_id, created_at desc, id desc);
create index memories_by_scope on memories (workspace_id, scope_type, scope_id, created_at desc, id desc);
create index memories_by_run on memories (workspace_id, source_run_id) where source_run_id is not null;
