export { createHttpPort, HTTP_LIMITS } from './http.adapter.ts';
export type { ClosableHttpPort, HttpLimits, HttpPortConfig } from './http.adapter.ts';
export type { ResolvedAddress, Resolver } from './lookup.guard.ts';
