create table tools (
  workspace_id text not null,
  id text not null,
  code text not null,
  name text not null,
  tool_type text not null,
  description text,
  latest_version_id text,
  latest_number integer,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index tools_by_time on tools (workspace_id, created_at desc, id desc);
create index tools_by_code on tools (workspace_id, code);

create table tool_versions (
  workspace_id text not null,
  id text not null,
  tool_id text not null,
  number integer not null,
  input_schema_json jsonb not null,
  output_schema_json jsonb,
  check_output boolean not null,
  invoke_config_json jsonb not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index tool_versions_by_tool on tool_versions (workspace_id, tool_id, created_at desc, number desc, id desc);

create table tool_bindings (
  workspace_id text not null,
  id text not null,
  tool_id text not null,
  tool_version_id text,
  name text,
  config_json jsonb not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index tool_bindings_by_tool on tool_bindings (workspace_id, tool_id, created_at desc, id desc);
