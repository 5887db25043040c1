import { hash } from 'node:crypto';

/**
 * The same UUID for the same key, on every machine: how retries and recoveries of a step name the same command or
 * entity without remembering it. First 16 bytes of the SHA-256 of the key, with version 8 (custom) and the RFC 9562
 * variant. Keys are compared as UTF-8; give them a prefix that says what they are of.
 */
export function deterministicUuid(key: string): string {
  const hex = hash('sha256', key, 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
