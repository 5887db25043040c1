create table skills (
  workspace_id text not null,
  id text not null,
  code text not null,
  name text not null,
  skill_type text not null,
  description text,
  status text not null,
  published_version_id text,
  published_number integer,
  latest_version_id text,
  latest_number integer,
  install_count integer not null,
  install_required boolean not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index skills_by_time on skills (workspace_id, created_at desc, id desc);
create index skills_by_code on skills (workspace_id, code);

create table skill_versions (
  workspace_id text not null,
  id text not null,
  skill_id text not null,
  number integer not null,
  runtime_type text not null,
  parameter_schema_json jsonb not null,
  output_schema_json jsonb not null,
  implementation_json jsonb not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index skill_versions_by_skill on skill_versions (workspace_id, skill_id, created_at desc, number desc, id desc);
