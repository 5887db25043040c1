create table apps (
  workspace_id text not null,
  id text not null,
  code text not null,
  name text not null,
  description text,
  latest_version_id text,
  latest_number integer,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index apps_by_time on apps (workspace_id, created_at desc, id desc);
create index apps_by_code on apps (workspace_id, code);

create table app_versions (
  workspace_id text not null,
  id text not null,
  app_id text not null,
  number integer not null,
  workflow_id text,
  workflow_version_id text,
  config_json jsonb not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index app_versions_by_app on app_versions (workspace_id, app_id, created_at desc, number desc, id desc);
