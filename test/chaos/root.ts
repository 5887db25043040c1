/** The repository this harness belongs to: in a sabotage run, the patched copy. */
export const ROOT = new URL('../../', import.meta.url).pathname;
