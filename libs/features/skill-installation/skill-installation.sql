create table skill_installations (
  workspace_id text not null,
  id text not null,
  skill_id text not null,
  install_scope text not null,
  scope_id text not null,
  installed_by text not null,
  config_json jsonb,
  status text not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index skill_installations_by_time on skill_installations (workspace_id, created_at desc, id desc);
create index skill_installations_by_scope on skill_installations (workspace_id, install_scope, scope_id);
