import type { z } from 'zod';

/** One thing wrong with a document. Error and warning have the same shape. */
export interface Finding {
  /** Stable machine code. */
  readonly code: string;
  /** JSON pointer into the document. */
  readonly field: string;
  /** What is wrong, naming what it is about. */
  readonly rule: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly node_id?: string;
  /** The edge, as `a -> b`. */
  readonly edge?: string;
  /** Of a cycle: its nodes in order. */
  readonly node_ids?: readonly string[];
}

/** What the checks write to. */
export interface Findings {
  readonly errors: Finding[];
  readonly warnings: Finding[];
}

/** What validation has to know of a node type; entries of the node registry fit. */
export interface NodeType {
  readonly config: z.ZodType;
  /** More checks of a config that its schema accepted; paths are dotted. */
  check?(config: unknown): readonly { readonly path: string; readonly rule: string; readonly remedy: string }[];
  /** The routes it can take; null or absent: not known beforehand. */
  routes?(config: unknown): readonly string[] | null;
}

/** The node types by name; the node registry fits. */
export interface NodeTypes {
  get(type: string): NodeType | undefined;
}

/** JSON pointer (RFC 6901). */
export const pointer = (...steps: readonly PropertyKey[]): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The steps of a JSON pointer. */
export const steps = (field: string): string[] =>
  field
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** A clause of a problem as a sentence: "send a string" is "Send a string." */
export const sentence = (clause: string): string => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
