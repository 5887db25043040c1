import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyRepository } from './copy.ts';
import { type Patch, type Sabotage, SABOTAGES } from './sabotage.patches.ts';

/*
 * Proves that the harness can fail: every known mistake is put into a copy of the code, and the scenarios that should
 * notice it must go red and name the promise. `node test/chaos/sabotage.ts [--only <part of a name>,...] [--seed <number>]`
 */
const { values } = parseArgs({ options: { only: { type: 'string' }, seed: { type: 'string', default: '1' } } });

interface Finding {
  readonly caught: boolean;
  readonly by: string;
}

async function attempt(sabotage: Sabotage): Promise<Finding> {
  const copy = mkdtempSync(join(tmpdir(), 'sabotage-'));
  try {
    copyRepository(copy);
    for (const one of sabotage.patches) patch(copy, one, sabotage.name);
    const output = await chaos(copy, sabotage.only);
    const broken = sabotage.breaks.filter((promise) => new RegExp(`^BROKEN .*\\b${promise}\\b`, 'm').test(output));
    const line = output.split('\n').find((text) => broken.some((promise) => text.startsWith(`            ${promise} `)));
    return { caught: broken.length > 0, by: line?.trim() ?? output.trim().split('\n').slice(-6).join('\n') };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function patch(copy: string, { file: path, from, to }: Patch, name: string): void {
  const file = join(copy, path);
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`sabotage "${name}": ${file} does not hold the text to replace any more; bring sabotage.patches.ts up to date`);
  writeFileSync(
    file,
    text.replace(from, () => to),
  );
}

function chaos(copy: string, only: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['test/chaos/chaos.ts', '--seed', values.seed, '--only', only.join(',')], { cwd: copy });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('exit', () => resolve(output));
  });
}

let missed = 0;
for (const sabotage of SABOTAGES.filter(({ name }) => (values.only ?? '').split(',').some((part) => name.includes(part)))) {
  const began = Date.now();
  const { caught, by } = await attempt(sabotage);
  if (!caught) missed += 1;
  console.log(
    `${caught ? 'caught' : 'MISSED'}  ${sabotage.name} [${sabotage.breaks.join(' or ')}] ${((Date.now() - began) / 1000).toFixed(0)} s\n        ${by}`,
  );
}
console.log(missed === 0 ? 'every sabotage was caught' : `${missed} were missed`);
process.exit(missed === 0 ? 0 : 1);
