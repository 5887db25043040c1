export * from './ids.ts';
export * from './envelope.ts';
export * from './contract.ts';
export * from './problem.ts';
export * from './reply.ts';
export * from './page.ts';
export * from './subjects.ts';
export * from './limits.ts';
