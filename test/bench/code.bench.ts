import { createCodePort } from '@agent-platform/adapter-code/index';
import { readCodeRunnerConfig, startCodeRunner } from '@agent-platform/app-code-runner/index';
import type { Show } from './emit.ts';
import { inLanes, percentile } from './lanes.ts';

/** Trivial code: what is measured is everything around it. */
const CODE = 'result = 1';
const { signal } = new AbortController();
/** Longer than everything here takes. */
const LONG_MS = 600_000;

/** What runs of code cost on every tier of this machine, over HTTP. It needs no servers. */
export async function benchCode(show: Show): Promise<void> {
  const { bwrapBin } = readCodeRunnerConfig(process.env);
  for (const [language, runs] of [
    ['javascript', 200],
    ['python', 40],
  ] as const) {
    const strongest = await tier(language, bwrapBin, runs, show);
    if (strongest.startsWith('bwrap')) await tier(language, 'no-bubblewrap', runs, show);
  }
}

/** Returns the name of the tier that it measured. */
async function tier(language: 'javascript' | 'python', bwrapBin: string, runs: number, show: Show): Promise<string> {
  const config = readCodeRunnerConfig(process.env);
  const runner = await startCodeRunner({ ...config, languages: [language], bwrapBin, port: 0, queue: 1_000, logLevel: 'silent' });
  const port = createCodePort(runner.url);
  const took: number[] = [];
  const one = async (): Promise<void> => {
    const began = performance.now();
    const { status, tier: ran } = await port.run({ language, code: CODE, input_json: {}, timeout_ms: 30_000 }, { signal });
    if (status !== 'completed') throw new Error(`A run on ${ran} failed.`);
    took.push(performance.now() - began);
  };
  try {
    await runner.warm();
    const health = runner.languages()[language];
    const name = health !== undefined && 'tier' in health ? health.tier : `no_${language}`;
    const tell = (what: string) => {
      const sorted = took.splice(0).toSorted((a, b) => a - b);
      show(`${name}_${what}_p50`, percentile(sorted, 0.5), 'ms');
      show(`${name}_${what}_p99`, percentile(sorted, 0.99), 'ms');
    };
    await one();
    took.length = 0;
    for (let index = 0; index < runs; index++) {
      await runner.warm();
      await one();
    }
    tell('waiting');
    // The pool does not keep up with the next ones: they wait for the starts of their processes.
    await inLanes(runs, 1, performance.now() + LONG_MS, one);
    tell('in_a_row');
    const began = performance.now();
    await inLanes(runs, runs, began + LONG_MS, one);
    show(`${name}_burst_per_second`, runs / ((performance.now() - began) / 1000), '1/s');
    tell('burst');
    return name;
  } finally {
    await runner.close();
  }
}
