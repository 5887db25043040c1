import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CliError } from './cli.error.ts';
import type { FormPart } from './curl.text.ts';
import { EXIT, type ExitCode } from './exit.code.ts';

/** Above these nothing is read: it would be another folder than was meant. */
const MOST_FILES = 500;
const MOST_BYTES = 25_000_000;

/** Reads the files of a SKILL.md folder, by their path inside it with "/"; hidden ones are not looked at. Throws CliError that says why it can't be read. */
export async function readSkillFolder(folder: string): Promise<readonly FormPart[]> {
  const names = await listFiles(folder);
  if (!names.includes('SKILL.md')) throw refuse(`${folder} has no SKILL.md at its top. Name the folder of a skill.`, EXIT.missing);
  if (names.length > MOST_FILES) throw refuse(`${folder} has ${names.length} files, more than ${MOST_FILES}. Name the folder of one skill.`);
  const parts: FormPart[] = [];
  let left = MOST_BYTES;
  for (const name of names) {
    const file = path.join(folder, name);
    const bytes = await readFile(file);
    left -= bytes.length;
    if (left < 0) throw refuse(`${folder} has more than ${MOST_BYTES} bytes. Leave out what the skill does not need.`);
    parts.push({ file, path: name, bytes });
  }
  return parts;
}

const refuse = (detail: string, exit: ExitCode = EXIT.failure): CliError => new CliError({ title: 'Skill folder', detail }, exit);

async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
      .filter((name) => !name.split('/').some((part) => part.startsWith('.') || part === 'node_modules'))
      .toSorted();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new CliError(
      { title: 'Skill folder', detail: `${folder} can’t be read (${code}). Check the path.` },
      code === 'ENOENT' ? EXIT.missing : EXIT.failure,
      error,
    );
  }
}
