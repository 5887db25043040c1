export { createGuardedFetch } from './guarded.fetch.ts';
export { createGuardedConnect } from './guarded.socket.ts';
export { createHttpPort } from './http.adapter.ts';
export type { HttpPortConfig } from './http.adapter.ts';
