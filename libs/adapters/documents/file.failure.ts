import { Failure } from '@agent-platform/kernel/index';

export type FileProblem =
  | 'file-empty'
  | 'file-too-large'
  | 'file-type'
  | 'file-encoding'
  | 'file-encrypted'
  | 'file-damaged'
  | 'file-no-text'
  | 'file-too-complex';

const STATUS: Partial<Record<FileProblem, number>> = { 'file-too-large': 413, 'file-type': 415 };

/** Why nothing can be made of a file: nobody but its owner can do something about it. */
export function fileFailure(code: FileProblem, rule: string, remedy: string, cause?: unknown): Failure {
  const status = STATUS[code];
  return new Failure('invalid', code, `file: ${rule}; ${remedy}.`, {
    errors: [{ field: 'file', rule, remedy }],
    ...(status !== undefined && { status }),
    ...(cause !== undefined && { cause }),
  });
}
