create table secrets (
  workspace_id text not null,
  name text not null,
  description text,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, name)
);
create index secrets_by_time on secrets (workspace_id, created_at desc, name desc);
