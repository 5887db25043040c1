import type { NodeScope } from '../node.ts';

/** A scope in which nothing has happened yet, but for what is given. */
export const scopeOf = (given: Partial<NodeScope> = {}): NodeScope => ({
  input: {},
  state: {},
  nodes: {},
  current: { node_id: 'here', attempt: 1 },
  run: { id: 'run-1', workspace_id: 'acme' },
  now: '2030-01-01T00:00:00.000Z',
  ...given,
});
