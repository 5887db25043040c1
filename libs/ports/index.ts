export * from './model.port.ts';
export * from './http.port.ts';
export * from './mcp.port.ts';
export * from './code.port.ts';
export * from './embedding.port.ts';
export * from './knowledge.port.ts';
export * from './documents.port.ts';
export * from './ports.ts';
