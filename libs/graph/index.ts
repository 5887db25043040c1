export * from './graph.ts';
export * from './advance.ts';
export * from './path.ts';
export * from './template.ts';
export * from './expression.ts';
