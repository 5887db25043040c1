export * from './graph.ts';
export * from './advance.ts';
export * from './path.ts';
