/** Oldest server the platform works with: older ones accept newer stream settings and then silently ignore them. */
export const MINIMUM_SERVER = '2.12.0';

const parts = (version: string) => /^v?(\d+)\.(\d+)\.(\d+)/.exec(version.trim())?.slice(1).map(Number) ?? [0, 0, 0];

/** True when `version` (as in the server's INFO, e.g. `2.15.1`) is new enough. Not a version: false. */
export function isSupportedServer(version: string): boolean {
  const found = parts(version);
  const needed = parts(MINIMUM_SERVER);
  for (let i = 0; i < 3; i++) {
    const difference = (found[i] ?? 0) - (needed[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
