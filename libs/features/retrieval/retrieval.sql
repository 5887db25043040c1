create table retrievals (
  workspace_id text not null,
  id text not null,
  knowledge_base_id text not null,
  query text not null,
  top_k integer not null,
  filters jsonb not null,
  weights jsonb,
  embedding jsonb not null,
  rerank jsonb,
  vector_search text not null,
  hits jsonb not null,
  duration_ms double precision not null,
  run_id text,
  version integer not null,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);
create index retrievals_by_time on retrievals (workspace_id, created_at desc, id desc);
create index retrievals_by_run on retrievals (workspace_id, run_id) where run_id is not null;
