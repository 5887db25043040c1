import { expect, test } from 'vitest';
import { z } from 'zod';
import { contracts } from '../index.ts';
import { gatewayRoutes } from './gateway.contract.ts';
import type { GatewayRoute } from './route.ts';

const routes: readonly (readonly [string, GatewayRoute])[] = Object.entries(gatewayRoutes);

test.each(routes)('%s says what it is, and has its path parameters', (name, { summary, path, params }) => {
  expect(name).toMatch(/^[a-z_]+\.[a-z_]+$/);
  expect(summary).toMatch(/\.$/);
  const fields = params ? Object.keys(z.toJSONSchema(params, { io: 'input' }).properties ?? {}) : [];
  for (const [, parameter = ''] of path.matchAll(/\{(\w+)\}/g)) expect(fields).toContain(parameter);
});

test('no route of the gateway is also one of a contract', () => {
  const of = ({ method, path }: { method: string; path: string }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`;
  const all = [...contracts.flatMap((contract) => contract.routes), ...routes.map(([, route]) => route)].map(of);
  expect(all).toHaveLength(new Set(all).size);
});
