import { readFileSync } from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';

const FOLDER = path.resolve(import.meta.dirname, '../example');
const Ticket = z.object({ ticket_id: z.string(), customer: z.string(), order_id: z.string(), subject: z.string(), text: z.string() });
const Order = z.object({ status: z.string(), total: z.number(), paid: z.number() });
const Document = z.object({ nodes: z.array(z.unknown()) });

export type Ticket = z.output<typeof Ticket>;

export interface Example {
  /** The workflow document, as it is sent. */
  readonly workflow: string;
  readonly nodes: number;
  readonly tickets: readonly Ticket[];
  readonly orders: Readonly<Record<string, z.output<typeof Order>>>;
}

/** The example beside this folder. Throws ZodError when a file is not as it should be. */
export function loadExample(): Example {
  const workflow = text('support.yaml');
  return {
    workflow,
    nodes: Document.parse(load(workflow)).nodes.length,
    tickets: z.array(Ticket).parse(JSON.parse(text('tickets.json'))),
    orders: z.record(z.string(), Order).parse(JSON.parse(text('orders.json'))),
  };
}

const text = (file: string): string => readFileSync(path.join(FOLDER, file), 'utf8');
