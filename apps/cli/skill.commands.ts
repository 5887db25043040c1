import type { Command } from 'commander';
import { act, type Context, examples, type Terminal } from './context.ts';
import { count } from './option.value.ts';
import type { Column } from './output.ts';
import { readSkillFolder } from './skill.folder.ts';

const SKILL: readonly Column[] = [
  ['Skill', 'id'],
  ['Code', 'code'],
  ['Name', 'name'],
  ['Description', 'description'],
  ['Status', 'status'],
  ['Published', 'published_number'],
  ['Version', 'published_version_id'],
];
const SKILLS: readonly Column[] = [
  ['ID', 'id'],
  ['CODE', 'code'],
  ['NAME', 'name'],
  ['TYPE', 'skill_type'],
  ['STATUS', 'status'],
  ['PUBLISHED', 'published_number'],
  ['INSTALLED', 'install_count'],
  ['UPDATED', 'updated_at'],
];

interface ImportOptions {
  readonly id?: string;
  readonly code?: string;
}

/** `ap skill …` */
export function addSkillCommands(program: Command, terminal: Terminal): void {
  const skill = program.command('skill').description('Import and look at skills');
  examples(skill, 'ap skill import release-notes', 'ap skill list');
  examples(
    skill
      .command('import <folder>')
      .description('Make a skill of a folder with a SKILL.md, and publish it; with the id of a skill, its next version')
      .option('--id <id>', 'its id; without it one is made')
      .option('--code <code>', 'a name that scripts use, unique in the workspace; without it the one in SKILL.md')
      .action(act<[string], ImportOptions>(terminal, importFolder)),
    'ap skill import release-notes',
    'ap skill import release-notes --id release-notes',
  );
  examples(
    skill
      .command('list')
      .description('Skills, newest first')
      .option('-q, --search <text>', 'part of the name')
      .option('-n, --limit <n>', 'at most so many', count, 50)
      .action(
        act<[], { search?: string; limit: number }>(terminal, async (context, { search, limit }) =>
          context.printList(await context.gateway.list('/skills', { q: search, limit }), SKILLS),
        ),
      ),
    'ap skill list --search notes',
  );
}

async function importFolder(context: Context, { id, code }: ImportOptions, folder: string): Promise<void> {
  const fields = Object.entries({ skill_id: id, code }).flatMap(([name, text]) => (text === undefined ? [] : [{ name, text }]));
  const files = await readSkillFolder(folder);
  context.printItem(await context.gateway.upload('/skills/import', [...fields, ...files]), SKILL);
}
