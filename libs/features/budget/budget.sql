create table budgets (
  workspace_id text not null,
  id text not null,
  scope text not null,
  subject_id text,
  period text not null,
  limit_tokens bigint,
  limit_usd text,
  output_tokens integer not null,
  set_at timestamptz not null,
  primary key (workspace_id, id)
);
create index budgets_by_time on budgets (workspace_id, set_at desc, id desc);
create table budget_accounts (
  workspace_id text not null,
  id text not null,
  budget_id text not null,
  scope text not null,
  subject_id text,
  period_start text not null,
  spent_tokens bigint not null,
  spent_usd text not null,
  held_tokens bigint not null,
  held_usd text not null,
  changed_at timestamptz not null,
  primary key (workspace_id, id)
);
create index budget_accounts_by_time on budget_accounts (workspace_id, changed_at desc, id desc);
