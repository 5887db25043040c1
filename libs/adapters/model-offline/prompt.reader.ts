import type { ChatRequest } from '@agent-platform/ports/model.port';

export interface Passage {
  readonly title: string | null;
  readonly text: string;
}

export type Task =
  | { readonly kind: 'classify'; readonly labels: readonly Label[]; readonly text: string }
  | { readonly kind: 'answer'; readonly question: string; readonly passages: readonly Passage[] }
  | { readonly kind: 'summarize'; readonly text: string; readonly sentences: number }
  | { readonly kind: 'reply'; readonly text: string };

/** A label to choose, and what the prompt says about it. */
export interface Label {
  readonly name: string;
  readonly hint: string;
}

const CLASSIFY = /\b(?:classify|categori[sz]e|label|choose|pick|route|which (?:category|label|team))\b/i;
const INLINE_LABELS = /\b(?:into|as|one of|between|labels?|categories|category)\b[^:\n.]{0,60}:\s*([^\n.]+)/i;
const SUMMARIZE = /\b(?:summari[sz]e|summary|tl;?dr|in (?:one|two|three|\d) sentences?)\b/i;
const COUNTS: Readonly<Record<string, number>> = { one: 1, two: 2, three: 3, four: 4, five: 5 };

/** A line "Name:" or "Name: rest" that opens a part of the prompt, also as a Markdown heading. */
const SECTION =
  /^[ \t]*(?:#{1,4}[ \t]*)?\**(labels|categories|context|passages|documents|sources|knowledge|question|query|ticket|text|message|email|input|article|document|conversation)\**[ \t]*:\**[ \t]*/gim;

/** Decides from the words of a request what is asked (see the README for the conventions). */
export function readTask(request: ChatRequest): Task {
  const system = request.messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  const turns = request.messages.filter(({ role }) => role !== 'system').map(({ content }) => content);
  const last = turns.at(-1) ?? '';
  const parts = sectionsOf([...system, last]);
  const instructions = parts.get('') ?? '';
  const material = pick(parts, ['ticket', 'text', 'message', 'email', 'input', 'article', 'document', 'conversation']);

  const labels = CLASSIFY.test(instructions) || parts.has('labels') || parts.has('categories') ? labelsOf(parts, instructions) : [];
  if (labels.length >= 2) return { kind: 'classify', labels, text: material ?? pick(parts, ['question']) ?? withoutInstruction(last) };
  const context = pick(parts, ['context', 'passages', 'documents', 'sources', 'knowledge']);
  if (context !== null) {
    return { kind: 'answer', question: pick(parts, ['question', 'query']) ?? material ?? withoutInstruction(last), passages: passagesOf(context) };
  }
  if (SUMMARIZE.test(instructions)) return { kind: 'summarize', text: material ?? withoutInstruction(last), sentences: wantedSentences(instructions) };
  return { kind: 'reply', text: pick(parts, ['question', 'query']) ?? material ?? last };
}

/** Parts of a prompt by name; what stands before the first of a message is under ''. A name that returns is appended. */
function sectionsOf(messages: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const message of messages) {
    let name = '';
    let from = 0;
    const keep = (to: number) => found.set(name, [found.get(name) ?? '', message.slice(from, to).trim()].join('\n\n').trim());
    for (const match of message.matchAll(SECTION)) {
      keep(match.index);
      name = (match[1] ?? '').toLowerCase();
      from = match.index + match[0].length;
    }
    keep(message.length);
  }
  return found;
}

function pick(parts: ReadonlyMap<string, string>, names: readonly string[]): string | null {
  for (const name of names) {
    const part = parts.get(name);
    if (part) return part;
  }
  return null;
}

/** Labels one a line ("- billing: invoices, refunds"), or in a list separated by commas, "or" or "|". */
function labelsOf(parts: ReadonlyMap<string, string>, instructions: string): readonly Label[] {
  const listed = pick(parts, ['labels', 'categories'])?.split(/\n\s*\n/)[0] ?? INLINE_LABELS.exec(instructions)?.[1] ?? '';
  const lines = listed.includes('\n') ? listed.split('\n') : listed.split(/[,;|]|\s+or\s+/i);
  return lines
    .map((line) => {
      const [name = '', ...hint] = line.replace(/^\s*(?:[-*•]|\d+[.)]|or\s)\s*/i, '').split(/:|\s[-–(]\s?/);
      return { name: name.trim().replace(/^["'`*]+|["'`*.]+$/g, ''), hint: hint.join(' ').trim() };
    })
    .filter(({ name }) => name !== '' && name.length <= 60);
}

const PASSAGE_TITLE = /^\s*(?:\[(?<mark>[^\]\n]{1,120})\]|#{1,6}\s+(?<heading>[^\n]{1,120})|title:\s*(?<title>[^\n]{1,120}))\s*:?\s*/i;

/** Passages of a context: a new one starts at each "[Title]", "# Title" or "Title: …"; else at empty lines. */
function passagesOf(context: string): readonly Passage[] {
  const blocks = context.split(/\n\s*\n|\n(?=\s*(?:\[[^\]\n]+\]|#{1,6}\s|title:))/i);
  const passages: Passage[] = [];
  let title: string | null = null;
  for (const block of blocks) {
    const head = PASSAGE_TITLE.exec(block);
    const named = head?.groups?.['mark'] ?? head?.groups?.['heading'] ?? head?.groups?.['title'];
    if (named !== undefined) title = named.trim();
    const text = block.slice(head?.[0].length ?? 0).trim();
    if (text !== '') passages.push({ title, text });
  }
  return passages;
}

function wantedSentences(instructions: string): number {
  const count = /\b(?:in|with|of)?\s*(one|two|three|four|five|\d)\s+(?:short\s+)?sentences?/i.exec(instructions)?.[1]?.toLowerCase();
  return count === undefined ? 2 : Math.max(1, COUNTS[count] ?? Number(count));
}

/** The text behind an opening instruction such as "Summarize this:"; the text itself when there is none. */
function withoutInstruction(text: string): string {
  const [first = '', ...rest] = text.split(/\n\s*\n|:\s*\n/);
  if (rest.length > 0 && (CLASSIFY.test(first) || SUMMARIZE.test(first))) return rest.join('\n\n').trim();
  return text.replace(/^[^\n.]{0,80}\b(?:classify|categori[sz]e|summari[sz]e)\b[^\n:]{0,80}:\s*/i, '').trim();
}
