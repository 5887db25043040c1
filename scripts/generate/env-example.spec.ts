import { expect, test } from 'vitest';
import { isTestCode, readWorkspace } from '../boundaries/workspace.ts';
import { createEnvExample } from './env-example.ts';

/** Where a test ends the process: nothing that anybody sets. */
const NOT_FOR_USERS = new Set(['AGENT_PLATFORM_CRASH_POINT']);

test('.env.example lists every variable that the code reads, and no other', async () => {
  const { sources } = await readWorkspace();
  const code = sources.filter(({ file }) => !isTestCode(file)).flatMap(({ text }) => text.match(/AGENT_PLATFORM_[A-Z][A-Z_]*[A-Z]/g) ?? []);
  const read = new Set(code.filter((name) => !NOT_FOR_USERS.has(name)));
  const listed = createEnvExample().match(/^(?:# )?AGENT_PLATFORM_\w+(?==)/gm) ?? [];
  // `<NAME>_FILE` is another way to give <NAME>.
  expect([...read].filter((name) => !(name.endsWith('_FILE') && read.has(name.slice(0, -'_FILE'.length)))).toSorted()).toEqual(
    listed.map((line) => line.replace('# ', '')).toSorted(),
  );
});
