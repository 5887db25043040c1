import { readFile } from 'node:fs/promises';
import { load, YAMLException } from 'js-yaml';
import { CliError, usage } from './cli.error.ts';
import { EXIT } from './exit.code.ts';

/** Text of a file that a person named. Throws CliError that says why it can't be read. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new CliError({ title: 'File', detail: `${path} can’t be read (${code}). Check the path.` }, code === 'ENOENT' ? EXIT.missing : EXIT.failure, error);
  }
}

/** A value from JSON or YAML, which JSON is a part of. Throws usage with the line. */
export function parseDocumentText(text: string, path: string): unknown {
  try {
    return load(text);
  } catch (error) {
    const place = error instanceof YAMLException && error.mark ? ` (line ${error.mark.line + 1})` : '';
    throw usage(`${path} is neither JSON nor YAML${place}: ${error instanceof YAMLException ? error.reason : String(error)}`);
  }
}
