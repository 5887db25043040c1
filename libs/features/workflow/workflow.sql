create table workflows (
  workspace_id text not null,
  id text not null,
  code text,
  name text not null,
  description text,
  app_id text,
  type text not null,
  status text not null,
  nodes jsonb not null,
  edges jsonb not null,
  latest_version_id text,
  latest_number integer,
  published_version_id text,
  published_number integer,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index workflows_by_time on workflows (workspace_id, created_at desc, id desc);
create index workflows_by_code on workflows (workspace_id, code) where code is not null;

create table workflow_versions (
  workspace_id text not null,
  id text not null,
  workflow_id text not null,
  number integer not null,
  dsl_json jsonb not null,
  definition jsonb not null,
  content_hash text not null,
  published_at timestamptz,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index workflow_versions_by_workflow on workflow_versions (workspace_id, workflow_id, created_at desc, number desc, id desc);
