import { hkdfSync } from 'node:crypto';

const BYTES = 32;

/** The key that signs what roles send each other, made of one that may also serve for something else. */
export const roleKeyOf = (key: string | Uint8Array): Uint8Array => new Uint8Array(hkdfSync('sha256', key, '', 'agent-platform roles', BYTES));
