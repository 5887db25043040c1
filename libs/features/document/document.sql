create table documents (
  workspace_id text not null,
  id text not null,
  knowledge_base_id text not null,
  title text not null,
  source_type text not null,
  source_url text,
  file jsonb,
  pages integer,
  reindex_id text,
  metadata jsonb not null,
  chunking jsonb not null,
  index_status text not null,
  index_version integer not null,
  search_version integer not null,
  chunks_done integer not null,
  chunks_total integer,
  embedding_spaces jsonb not null,
  fallback_used boolean not null,
  index_error jsonb,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index documents_by_time on documents (workspace_id, created_at desc, id desc);
create index documents_by_base on documents (workspace_id, knowledge_base_id, created_at desc, id desc);

create table chunks (
  workspace_id text not null,
  id text not null,
  document_id text not null,
  index_version integer not null,
  knowledge_base_id text not null,
  position integer not null,
  start_at integer not null,
  end_at integer not null,
  title text not null,
  heading text,
  page integer,
  tokens integer,
  text text not null,
  chunker_version text not null,
  embedding_space text not null,
  dimensions integer not null,
  embedding real[],
  keywords tsvector generated always as (
    setweight(to_tsvector('english', title || ' ' || coalesce(heading, '')), 'A') || setweight(to_tsvector('english', text), 'D')
  ) stored,
  primary key (workspace_id, id)
);
create index chunks_by_document on chunks (workspace_id, document_id, index_version, position) include (id);
create index chunks_by_base on chunks (workspace_id, knowledge_base_id, embedding_space);
create index chunks_by_keywords on chunks using gin (keywords);
alter table chunks alter column keywords set storage main;
do $$
begin
  if not exists (select from pg_extension where extname = 'vector') and exists (select from pg_available_extensions where name = 'vector')
    then create extension vector with schema public; end if
  ; if exists (select from pg_extension where extname = 'vector') then
    alter table chunks add column embedding_vector public.vector generated always as (embedding::public.vector) stored, alter column embedding_vector set storage main
    ; execute (
      select string_agg(format(
        'create index chunks_by_vector_%1$s on chunks using hnsw ((embedding_vector::public.vector(%1$s)) public.vector_cosine_ops) with (m = 24, ef_construction = 200) where dimensions = %1$s', size), '; ')
      from unnest(array[256, 384, 512, 768, 1024, 1536]) as size)
    ; end if
  ; exception when insufficient_privilege then null
; end
$$;
