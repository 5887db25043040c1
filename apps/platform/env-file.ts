import { existsSync } from 'node:fs';
import path from 'node:path';

const ENV_FILE = path.resolve(import.meta.dirname, '../../.env');

/** Settings may lie in `.env` at the root of the repository; what the environment says already stands. */
export function loadEnvFile(): void {
  if (existsSync(ENV_FILE)) process.loadEnvFile(ENV_FILE);
}
