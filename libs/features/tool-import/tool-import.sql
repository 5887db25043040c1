create table tool_imports (
  workspace_id text not null,
  id text not null,
  title text not null,
  document_version text not null,
  number integer not null,
  changed jsonb not null,
  unchanged integer not null,
  removed jsonb not null,
  skipped jsonb not null,
  version integer not null,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);
create index tool_imports_by_time on tool_imports (workspace_id, created_at desc, id desc);
