/** Texts as a company keeps them: a vocabulary with a long tail, and topics that have words of their own. The same ones in every run. */

const WORDS = 20_000;
const TOPICS = 500;
const OF_A_TOPIC = 60;
const SYLLABLES =
  'ba be bi bo bu da de di do du fa fe fi ga ge gi go ka ke ki ko la le li lo lu ma me mi mo mu na ne ni no pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo za ze zo'.split(
    ' ',
  );

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A word for a number, each another one; the first are the short ones, as in languages. */
function wordOf(index: number): string {
  let word = '';
  for (let rest = index + 1; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) word += SYLLABLES[rest % SYLLABLES.length];
  return word;
}

/** By Zipf's law, nearly, without the thirty words at its head: they say nothing, and searches leave them out. */
const common = (random: () => number): string => wordOf(Math.floor(WORDS ** (0.35 + 0.65 * random())) - 1);
const ofTopic = (topic: number, random: () => number): string => wordOf((topic * 7919 + Math.floor(OF_A_TOPIC * random() ** 2) * 31) % WORDS);

function sentence(topic: number, length: number, share: number, random: () => number): string {
  return Array.from({ length }, () => (random() < share ? ofTopic(topic, random) : common(random))).join(' ');
}

/** A passage of about 500 characters. */
export function passage(index: number): string {
  const random = randomOf(index + 1);
  const topic = Math.floor(random() * TOPICS);
  return Array.from({ length: 8 }, () => `${sentence(topic, 9 + Math.floor(random() * 5), 0.4, random)}.`).join(' ');
}

/** A question about a passage: some of its words in another order, and two that have nothing to do with it. */
export function question(index: number, of: number): string {
  const random = randomOf(1e9 + index);
  const words = passage(Math.floor(random() * of))
    .replaceAll('.', '')
    .split(' ');
  const own = Array.from({ length: 5 + Math.floor(random() * 4) }, () => words[Math.floor(random() * words.length)]);
  return `${common(random)} ${own.join(' ')} ${common(random)}?`;
}
