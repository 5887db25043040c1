create table tool_imports (
  workspace_id text not null,
  id text not null,
  status text not null,
  document_url text,
  error jsonb,
  title text default '',
  document_version text default '',
  number integer default 0,
  changed jsonb default '[]',
  unchanged integer default 0,
  removed jsonb default '[]',
  skipped jsonb default '[]',
  version integer not null,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);
create index tool_imports_by_time on tool_imports (workspace_id, created_at desc, id desc);
