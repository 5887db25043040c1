create table timers (
  workspace_id text not null,
  timer_id text not null,
  due_at timestamptz not null,
  target_category text not null,
  target_id text not null,
  payload jsonb not null,
  primary key (workspace_id, timer_id)
);
create index timers_by_due on timers (due_at);
create index timers_by_workspace on timers (workspace_id, due_at, timer_id);
