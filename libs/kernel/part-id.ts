import type { CommandMeta } from '@agent-platform/contracts/kit/index';
import { deterministicUuid } from './deterministic-uuid.ts';

/**
 * Id of a part that a command makes inside its stream, e.g. a version, when the caller gave none: the same command
 * again names the same part. `kind` keeps parts of different kinds apart.
 */
export const partId = (meta: CommandMeta, kind: string): string => deterministicUuid(`part/${kind}/${meta.workspace_id}/${meta.stream_id}/${meta.command_id}`);
