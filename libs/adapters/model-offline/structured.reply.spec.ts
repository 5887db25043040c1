import { describe, expect, it } from 'vitest';
import { fillSchema } from './fill-schema.ts';
import { structuredReply } from './structured.reply.ts';

const user = (content: string) => ({ role: 'user', content });
const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Weather of a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
  {
    type: 'function',
    function: { name: 'refund_order', description: 'Pay an order back', parameters: { type: 'object', properties: { order_id: { type: 'string' } } } },
  },
];

describe('tools', () => {
  it('are called when the words of one are said, with what is behind the names of their fields', () => {
    expect(structuredReply({ tools }, user('What is the weather in New York today?'))).toEqual({
      kind: 'tool',
      name: 'get_weather',
      arguments: '{"city":"New York"}',
    });
    expect(structuredReply({ tools }, user('Please refund order id: A-17, it broke.'))).toEqual({
      kind: 'tool',
      name: 'refund_order',
      arguments: '{"order_id":"A-17"}',
    });
  });
  it('are not called without a reason, when forbidden, or after an answer; but always when demanded', () => {
    expect(structuredReply({ tools }, user('Good morning!'))).toBeNull();
    expect(structuredReply({ tools, tool_choice: 'none' }, user('weather in Oslo'))).toBeNull();
    expect(structuredReply({ tools }, { role: 'tool', content: 'The weather is fine' })).toBeNull();
    expect(structuredReply({ tools, tool_choice: 'required' }, user('Good morning!'))).toMatchObject({ kind: 'tool' });
    expect(structuredReply({ tools, tool_choice: { type: 'function', function: { name: 'refund_order' } } }, user('x'))).toMatchObject({
      name: 'refund_order',
    });
  });
});

describe('JSON', () => {
  it('has every field of the schema, of its type', () => {
    const schema = {
      type: 'object',
      $defs: { person: { type: 'object', properties: { email: { type: 'string', format: 'email' } } } },
      properties: {
        category: { enum: ['billing', 'shipping'] },
        amount: { type: 'number' },
        count: { type: 'integer', minimum: 1 },
        urgent: { type: 'boolean' },
        from: { $ref: '#/$defs/person' },
        tags: { type: 'array', items: { type: ['string', 'null'], maxLength: 5 } },
        note: { anyOf: [{ type: 'null' }, { const: 'x' }] },
      },
    };
    const text = 'I was charged twice on my invoice. Amount: 12.50, urgent: no. Write to ada@example.com';
    expect(fillSchema(schema, text)).toEqual({
      category: 'billing',
      amount: 12.5,
      count: 12,
      urgent: false,
      from: { email: 'ada@example.com' },
      tags: ['I was'],
      note: 'x',
    });
  });
  it('has numbers and codes without a name before them', () => {
    const schema = { type: 'object', properties: { order_id: { type: 'string' }, amount: { type: 'number' }, change: { type: 'integer' } } };
    expect(fillSchema(schema, 'Order A-17 costs 12.50 dollars, change: -3')).toEqual({ order_id: 'A-17', amount: 12.5, change: -3 });
    expect(fillSchema(schema, 'Refund order ORD_2024-9 of 5.')).toMatchObject({ order_id: 'ORD_2024-9', amount: 5 });
  });
  it('ends for a schema that contains itself, and for nonsense', () => {
    expect(JSON.stringify(fillSchema({ type: 'object', properties: { child: { $ref: '#' } } }, 'x'))).toContain('child');
    for (const schema of [null, 7, {}, { type: 'unheard-of' }, { $ref: '#/none' }]) expect(fillSchema(schema, 'x')).toBe('x.');
    const wide = { type: 'object', properties: Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`p${at}`, { $ref: '#' }])) };
    expect(JSON.stringify(fillSchema(wide, 'x')).length).toBeLessThan(1_000_000);
    expect(structuredReply({ response_format: { type: 'json_object' } }, user('Hello there.'))).toEqual({ kind: 'json', text: '{"answer":"Hello there."}' });
    expect(structuredReply({ response_format: { type: 'text' } }, user('Hello'))).toBeNull();
  });
});
