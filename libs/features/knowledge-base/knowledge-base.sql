create table knowledge_bases (
  workspace_id text not null,
  id text not null,
  code text not null,
  name text not null,
  description text,
  chunking jsonb not null,
  rerank jsonb,
  weights jsonb,
  reindex jsonb,
  status text not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index knowledge_bases_by_time on knowledge_bases (workspace_id, created_at desc, id desc);
