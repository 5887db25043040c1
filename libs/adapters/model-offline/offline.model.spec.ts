import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '@agent-platform/ports/model.port';
import { createOfflineModel } from './index.ts';

const model = createOfflineModel();
const ask = (messages: readonly ChatMessage[], max_tokens?: number) =>
  model.chat({ messages, ...(max_tokens !== undefined && { max_tokens }) }, { key: 'k', signal: new AbortController().signal });
const say = async (content: string, system?: string) =>
  (await ask([...(system === undefined ? [] : [{ role: 'system' as const, content: system }]), { role: 'user', content }])).text;

const CLASSIFY = 'Classify the support ticket into one of: billing, shipping, technical, account. Answer with the label only.';

describe('classifying', () => {
  const tickets: [string, string][] = [
    ['I was charged twice for my subscription this month, please refund me.', 'billing'],
    ['Why is there VAT on my last invoice?', 'billing'],
    ['My package was supposed to arrive on Monday and tracking shows nothing.', 'shipping'],
    ['The courier left the parcel at a wrong address.', 'shipping'],
    ['The app crashes with an error every time I open the settings page.', 'technical'],
    ['Your API returns a timeout since the update.', 'technical'],
    ['I forgot my password and the reset email never comes.', 'account'],
    ['Please delete my profile, I can not log in any more.', 'account'],
  ];

  it.each(tickets)('"%s" is %s', async (ticket, label) => {
    expect(await say(`${CLASSIFY}\n\nTicket: ${ticket}`)).toBe(label);
    expect(await say(ticket, CLASSIFY)).toBe(label);
    expect(await say(`${CLASSIFY}\n\n${ticket}`)).toBe(label);
    expect(await say(`Text:\n${ticket}\n\nLabels: billing | shipping | technical | account`)).toBe(label);
  });

  it('uses what the prompt says about labels it does not know', async () => {
    const labels = 'Choose a team.\n\nLabels:\n- Blue Team: kitchens, ovens\n- Red Team: bathrooms, showers\n- other\n\n';
    expect(await say(`${labels}Ticket: my oven is cold`)).toBe('Blue Team');
    expect(await say(`${labels}Ticket: the shower drips`)).toBe('Red Team');
    expect(await say(`${labels}Ticket: hello`)).toBe('other');
  });
});

describe('answering from passages', () => {
  const context = `Context:
[Shipping times] Orders within Europe arrive in three to five working days. Express orders arrive the next day.

[Refund policy] You can return any item within 30 days. Refunds are paid to the original card within a week.

## Passwords
Use the link "Forgot password" on the sign-in page. The reset mail is valid for one hour.
`;

  it.each([
    ['How long do refunds take?', 'Refund policy', 'Refunds are paid to the original card within a week.'],
    ['When does my express order arrive?', 'Shipping times', 'Express orders arrive the next day.'],
    ['how can I reset my password', 'Passwords', 'The reset mail is valid for one hour.'],
  ])('%s', async (question, title, sentence) => {
    const text = await say(`Answer the customer from the context.\n\n${context}\nQuestion: ${question}`);
    expect(text).toContain(sentence);
    expect(text).toContain(`(Source: ${title})`);
  });

  it('takes the user message as the question when the context is in the system prompt', async () => {
    expect(await say('What is the refund policy for an item?', `You are a helpful agent.\n\n${context}`)).toContain('(Source: Refund policy)');
  });

  it('does not invent an answer', async () => {
    expect(await say(`${context}\nQuestion: Who painted the Mona Lisa?`)).toContain('could not find');
  });
});

describe('the rest', () => {
  it('summarizes to the number of sentences asked for, in their order', async () => {
    const text = 'The pump failed on Monday. A technician came on Tuesday and replaced the pump. The weather was nice. The pump works again since Wednesday.';
    const summary = await say(`Summarize in two sentences.\n\nText: ${text}`);
    expect(summary).toBe('The pump failed on Monday. A technician came on Tuesday and replaced the pump.');
  });

  it('streams pieces that join to the text, counts, and cuts at max_tokens', async () => {
    const shown: string[] = [];
    const request = { messages: [{ role: 'user' as const, content: 'Hello there. Where is my order?' }] };
    const result = await model.chat(request, { key: 'k', signal: new AbortController().signal, onToken: (piece) => shown.push(piece) });
    expect(shown.join('')).toBe(result.text);
    expect(shown.length).toBeGreaterThan(3);
    expect(result).toMatchObject({ model: 'offline', finish_reason: 'stop', usage: { prompt_tokens: 8 } });
    const short = await ask(request.messages, 3);
    expect(short).toMatchObject({ text: 'Thank you for', finish_reason: 'length', usage: { completion_tokens: 3 } });
  });

  it('gives the same reply to the same request, and one to any request', async () => {
    for (const content of [
      '',
      '???',
      'Context:',
      'Labels: a',
      'Classify:',
      '\0',
      'Summarize',
      'x'.repeat(50_000),
      '🙂🙂',
      `Context:\n${'[a] b.\n\n'.repeat(2000)}Question: b?`,
    ]) {
      expect(await say(content)).toBe(await say(content));
    }
    expect((await ask([])).text).not.toBe('');
  });

  it('does nothing for a caller who has gone', async () => {
    await expect(model.chat({ messages: [] }, { key: 'k', signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'model-aborted' });
  });
});
