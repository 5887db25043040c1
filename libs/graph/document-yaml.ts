import { LIMITS } from '@agent-platform/contracts/kit/index';
import { constructFromEvents, EVENT_ID, type Event, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
import { placeIn, type TextProblem } from './text-place.ts';

const OPTIONS = { maxDepth: LIMITS.jsonDepth, maxAliases: 0 };

class Refused extends Error {
  readonly at: number;
  readonly remedy: string;
  constructor(at: number, message: string, remedy: string) {
    super(message);
    this.at = at;
    this.remedy = remedy;
  }
}

/**
 * Reads one YAML 1.2 document of the core schema, without the parts that make YAML dangerous or ambiguous: anchors, aliases,
 * tags and merge keys are refused by name, duplicate keys and deep nesting by the parser.
 */
export function readYaml(source: string): { readonly value: unknown } | { readonly problem: TextProblem } {
  try {
    const events = parseEvents(source, OPTIONS);
    for (const event of events) refuse(event, source);
    const documents = constructFromEvents(events, { source, ...OPTIONS });
    if (documents.length !== 1) throw new Refused(0, `The text holds ${documents.length} documents`, 'Write exactly one YAML document.');
    return { value: documents[0] };
  } catch (thrown) {
    if (thrown instanceof Refused) return { problem: { message: thrown.message, remedy: thrown.remedy, ...placeIn(source, thrown.at) } };
    // The parser's own documentation asks to catch everything it throws.
    const mark = thrown instanceof YAMLException ? thrown.mark : undefined;
    const message = thrown instanceof YAMLException ? thrown.reason : 'The text can not be read';
    return {
      problem: { message: `YAML: ${message}`, remedy: 'Correct the YAML at this place.', line: (mark?.line ?? 0) + 1, column: (mark?.column ?? 0) + 1 },
    };
  }
}

function refuse(event: Event, source: string): void {
  if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return;
  if (event.anchorStart >= 0) throw new Refused(event.anchorStart, 'Anchors and aliases are not allowed', 'Write the value out where it is needed.');
  if (event.type === EVENT_ID.ALIAS) return;
  if (event.tagStart >= 0) throw new Refused(event.tagStart, 'Tags are not allowed', 'Remove the tag; quote a text that looks like a number.');
  if (
    event.type === EVENT_ID.SCALAR &&
    event.style === SCALAR_STYLE.PLAIN &&
    event.valueEnd - event.valueStart === 2 &&
    source.startsWith('<<', event.valueStart)
  ) {
    throw new Refused(event.valueStart, 'Merge keys are not allowed', 'Write the fields out; quote the text "<<" if it is meant.');
  }
}
