import { basename, extname } from 'node:path';
import type { Command } from 'commander';
import { act, type Context, examples, type Terminal } from './context.ts';
import { readText } from './document.file.ts';
import { EXIT } from './exit.code.ts';
import { count } from './option.value.ts';
import type { Column } from './output.ts';
import { readAfter } from './read-after.ts';
import { findingsText, planText, readValidation } from './validation.text.ts';
import { withWorkflow } from './workflow.id.ts';

const WORKFLOW: readonly Column[] = [
  ['Workflow', 'id'],
  ['Code', 'code'],
  ['Name', 'name'],
  ['Description', 'description'],
  ['Status', 'status'],
  ['Published', 'published_number'],
  ['Version', 'published_version_id'],
  ['Newest', 'latest_number'],
  ['Created', 'created_at'],
  ['Updated', 'updated_at'],
];
const WORKFLOWS: readonly Column[] = [
  ['ID', 'id'],
  ['CODE', 'code'],
  ['NAME', 'name'],
  ['STATUS', 'status'],
  ['PUBLISHED', 'published_number'],
  ['NEWEST', 'latest_number'],
  ['UPDATED', 'updated_at'],
];

interface CreateOptions {
  readonly id?: string;
  readonly code?: string;
  readonly name?: string;
  readonly publish?: boolean;
}

const at = (id: string): string => `/workflows/${encodeURIComponent(id)}`;

/** `ap workflow …` */
export function addWorkflowCommands(program: Command, terminal: Terminal): void {
  const workflow = program.command('workflow').description('Check, create, publish and look at workflows');
  examples(workflow, 'ap workflow validate support.yaml', 'ap workflow create support.yaml --id support --publish');

  examples(
    workflow
      .command('create <file>')
      .description('Create a workflow from a YAML or JSON document')
      .option('--id <id>', 'its id; without it one is made')
      .option('--code <code>', 'a name that scripts use, unique in the workspace')
      .option('--name <name>', 'a name for people; without it that of the file')
      .option('--publish', 'publish it at once')
      .action(act<[string], CreateOptions>(terminal, create)),
    'ap workflow create support.yaml --id support --publish',
    'ap workflow create support.yaml --code support_desk --name "Support desk"',
  );
  examples(
    workflow
      .command('publish <workflow> [file]')
      .description('Publish the draft, or a new version from a document: runs that name no version take it')
      .action(act<[string, string?]>(terminal, publish)),
    'ap workflow publish support',
    'ap workflow publish support support.yaml',
  );
  examples(
    workflow
      .command('validate <file>')
      .description('Everything that is wrong with a document. Stores nothing')
      .option('--lenient', 'unknown node types are warnings')
      .action(act<[string], { lenient?: boolean }>(terminal, validate)),
    'ap workflow validate support.yaml',
    'ap workflow validate support.yaml --lenient -o json',
  );
  examples(
    workflow.command('plan <file>').description('In which order the nodes of a document would run. Stores nothing').action(act<[string]>(terminal, plan)),
    'ap workflow plan support.yaml',
  );
  examples(
    workflow
      .command('list')
      .description('Workflows, newest first')
      .option('-s, --status <status>', 'draft or published')
      .option('-q, --search <text>', 'part of the name')
      .option('-n, --limit <n>', 'at most so many', count, 50)
      .action(
        act<[], { status?: string; search?: string; limit: number }>(terminal, async (context, { status, search, limit }) =>
          context.printList(await context.gateway.list('/workflows', { status, q: search, limit }), WORKFLOWS),
        ),
      ),
    'ap workflow list --status published',
  );
  examples(
    workflow.command('show <workflow>').description('One workflow, by id or code, with its nodes').action(act<[string]>(terminal, show)),
    'ap workflow show support',
    'ap workflow show support -o json',
  );
}

async function create(context: Context, { id, code, name, publish: atOnce }: CreateOptions, file: string): Promise<void> {
  const body = {
    name: name ?? basename(file, extname(file)),
    dsl_yaml: await readText(file),
    ...(id !== undefined && { workflow_id: id }),
    ...(code !== undefined && { code }),
  };
  const made = await context.gateway.post('/workflows', body);
  context.printItem(atOnce ? await context.gateway.post(`${at(String(made['id']))}/publish`, {}) : made, WORKFLOW);
}

async function publish(context: Context, _options: object, workflow: string, file?: string): Promise<void> {
  const text = file === undefined ? undefined : await readText(file);
  const published = await withWorkflow(context, workflow, async (id) => {
    const version = text === undefined ? null : await context.gateway.post(`${at(id)}/versions`, { dsl_yaml: text });
    return context.gateway.post(`${at(id)}/publish`, version ? { workflow_version_id: version['id'] } : {});
  });
  context.printItem(published, WORKFLOW);
}

async function validate(context: Context, { lenient }: { readonly lenient?: boolean }, file: string): Promise<number> {
  const answer = await context.gateway.post('/workflows/validate', { dsl_yaml: await readText(file), strict: !lenient });
  const found = readValidation(answer);
  context.print(context.format === 'table' ? findingsText(file, found, context.colors) : JSON.stringify(answer, null, context.format === 'json' ? 2 : 0));
  return found.valid ? EXIT.ok : EXIT.failure;
}

async function plan(context: Context, _options: object, file: string): Promise<number> {
  const answer = await context.gateway.post('/workflows/plan', { dsl_yaml: await readText(file), strict: false });
  const found = readValidation(answer);
  context.print(context.format === 'table' ? planText(file, found, context.colors) : JSON.stringify(answer, null, context.format === 'json' ? 2 : 0));
  return found.valid ? EXIT.ok : EXIT.failure;
}

async function show(context: Context, _options: object, workflow: string): Promise<void> {
  const found = await withWorkflow(context, workflow, async (id) =>
    context.gateway.get(at(id), context.curl ? {} : await readAfter(context.gateway, 'workflow', id)),
  );
  context.printItem(found, WORKFLOW);
  if (context.format !== 'table' || !Array.isArray(found['nodes']) || found['nodes'].length === 0) return;
  context.print('');
  context.printList({ items: found['nodes'] as readonly Record<string, unknown>[] }, [
    ['NODE', 'id'],
    ['TYPE', 'type'],
    ['CONFIG', 'config'],
  ]);
}
