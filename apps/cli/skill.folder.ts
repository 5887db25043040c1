import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CliError } from './cli.error.ts';
import { EXIT, type ExitCode } from './exit.code.ts';

/** Above these nothing is read: it would be another folder than was meant. */
const MOST_FILES = 500;
const MOST_BYTES = 900_000;

/** Texts of a folder by their path inside it, with "/"; `left` are those that hold no text. Hidden files are not looked at. */
export interface SkillFolder {
  readonly files: Readonly<Record<string, string>>;
  readonly left: readonly string[];
}

/** Reads a SKILL.md folder. Throws CliError that says why it can't be read. */
export async function readSkillFolder(folder: string): Promise<SkillFolder> {
  const names = await listFiles(folder);
  if (!names.includes('SKILL.md')) throw refuse(`${folder} has no SKILL.md at its top. Name the folder of a skill.`, EXIT.missing);
  if (names.length > MOST_FILES) throw refuse(`${folder} has ${names.length} files, more than ${MOST_FILES}. Name the folder of one skill.`);
  const files: Record<string, string> = {};
  const left: string[] = [];
  let bytes = 0;
  for (const name of names) {
    const content = await readFile(path.join(folder, name));
    const text = textOf(content);
    if (text === null) left.push(name);
    else {
      bytes += content.length;
      files[name] = text;
    }
    if (bytes > MOST_BYTES) throw refuse(`${folder} has more than ${MOST_BYTES} bytes of text. Leave out what the model need not read.`);
  }
  return { files, left };
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

function textOf(content: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    return text.includes('\u0000') ? null : text;
  } catch {
    return null;
  }
}
