import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './root.ts';
import { SABOTAGES } from './sabotage.patches.ts';

it.each(SABOTAGES)('$name: the text to replace is still there', ({ patches }) => {
  for (const { file, from } of patches) expect(readFileSync(join(ROOT, file), 'utf8').split(from)).toHaveLength(2);
});
