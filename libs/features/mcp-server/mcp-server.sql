create table mcp_servers (
  workspace_id text not null,
  id text not null,
  name text not null,
  config jsonb not null,
  status text not null,
  catalog jsonb,
  error jsonb,
  discovered_at timestamptz,
  authorized boolean not null,
  sign_in text,
  authorization_url text,
  authorization_expires_at timestamptz,
  issuer text,
  scope text,
  wanted_scope text,
  token_expires_at timestamptz,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index mcp_servers_by_time on mcp_servers (workspace_id, created_at desc, id desc);
