import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** Where a running platform is found. */
const Addresses = z.object({ pid: z.int(), url: z.string(), nats_url: z.string(), database_url: z.string() });
export type Addresses = z.output<typeof Addresses>;

const ROOT = path.resolve(import.meta.dirname, '../..');
const fileIn = (dataDir: string): string => path.join(path.resolve(ROOT, dataDir), 'addresses.json');

/** Tells the command line where the platform of this data folder is. Readable for its owner only: the database's address may hold a password. */
export function writeAddresses(dataDir: string, addresses: Addresses): void {
  writeFileSync(fileIn(dataDir), JSON.stringify(addresses), { mode: 0o600 });
}

/** The platform that runs on this data folder; undefined when none does: a killed one leaves its file behind. */
export function readAddresses(dataDir: string): Addresses | undefined {
  try {
    const addresses = Addresses.parse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8')));
    process.kill(addresses.pid, 0);
    return addresses;
  } catch {
    return undefined;
  }
}
