export * from './graph.ts';
export * from './advance.ts';
export * from './plan.ts';
export * from './path.ts';
export * from './template.ts';
export * from './expression.ts';
export * from './document.ts';
export * from './validate/validate.ts';
export type { Finding } from './validate/finding.ts';
