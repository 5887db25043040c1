import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { type Language, MARK } from '../tier.ts';
import type { Attack } from './attack.ts';

const SECRET = 'kingfisher-7261';
/** What an attack leaves behind when it can: a program of its own, without the mark. */
const SLEEPER = `1000.${process.pid}`;

/** Where attacks are let loose: a secret in a file and in the environment, and a listener that nobody may reach. */
export interface AttackRange {
  /** Two at a time: each has to hold while another one does its worst. */
  attack(sandbox: Sandbox, language: Language, attack: Attack): Promise<void>;
  close(): void;
}

export async function openAttackRange(): Promise<AttackRange> {
  const folder = mkdtempSync(path.join(tmpdir(), 'attacks-'));
  const canary = path.join(folder, 'canary.json');
  writeFileSync(canary, JSON.stringify(SECRET), { mode: 0o644 });
  process.env['CANARY_SECRET'] = SECRET;
  let connections = 0;
  const listener = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  const letLoose = async (sandbox: Sandbox, language: Language, { code, timeout = 1_000, gets }: Attack): Promise<void> => {
    const armed = code
      .replaceAll('CANARY_SECRET', SECRET)
      .replaceAll('CANARY', canary)
      .replaceAll('PORT', String(port))
      .replaceAll('RUNNER', String(process.pid));
    await sandbox.warm();
    const began = performance.now();
    const outcome = await sandbox.run({ language, code: armed, input_json: null, timeout_ms: timeout }, { signal: new AbortController().signal });
    expect(performance.now() - began).toBeLessThan(timeout + 1_000);
    // The code of the attack itself may hold the secret, and an error may quote it.
    if (!armed.includes(SECRET)) expect(JSON.stringify(outcome)).not.toContain(SECRET);
    if (gets !== undefined && outcome.status === 'completed') expect(gets).toContain(outcome.result_json);
    expect(connections).toBe(0);
  };

  const lanes: Promise<void>[] = [Promise.resolve(), Promise.resolve()];
  let turn = 0;
  return {
    attack(sandbox, language, attack) {
      const lane = turn++ % lanes.length;
      const done = (lanes[lane] ?? Promise.resolve()).then(() => letLoose(sandbox, language, attack));
      lanes[lane] = done.catch(() => undefined);
      return done;
    },
    close() {
      delete process.env['CANARY_SECRET'];
      listener.close();
      rmSync(folder, { recursive: true });
      expect(guests()).toEqual([]);
    },
  };
}

/** Processes of our guests, also of those that wait. */
const guests = (): readonly string[] =>
  readdirSync('/proc').filter((entry) => {
    try {
      if (!/^\d+$/.test(entry)) return false;
      const line = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
      return line.includes(MARK) || line.includes(SLEEPER);
    } catch {
      return false;
    }
  });
