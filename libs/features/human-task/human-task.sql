create table human_tasks (
  workspace_id text not null,
  id text not null,
  task_type text not null,
  title text not null,
  description text,
  status text not null,
  run_id text,
  node_run_id text,
  assigned_to text,
  candidates jsonb not null,
  claimed_by text,
  request_payload_json jsonb not null,
  form_json jsonb,
  response_payload_json jsonb,
  completed_by text,
  reason text,
  due_at timestamptz,
  completed_at timestamptz,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index human_tasks_by_time on human_tasks (workspace_id, created_at desc, id desc);
create index human_tasks_by_status on human_tasks (workspace_id, status, created_at desc, id desc);
create index human_tasks_by_run on human_tasks (workspace_id, run_id) where run_id is not null;
create index human_tasks_by_person on human_tasks (workspace_id, assigned_to) where assigned_to is not null;
