export { createDatabasePort } from './database.adapter.ts';
