/**
 * What this platform promises, in passages as a support desk would write them down, each with a question in other words than
 * the passage's own. The answer to a question is the passage beside it; all others are there to be mistaken for it.
 */
export const QUESTION_PASSAGES: readonly (readonly [question: string, passage: string])[] = [
  [
    'Will my work be lost when the computer crashes?',
    'Killing any process at any moment loses no work: every change of a run is an event in the Postgres log before anything acts on it.',
  ],
  ['Can I see what happened in the past, step by step?', 'Every run can be replayed, event by event, and shown as it was after any of its events.'],
  ['How do I try it without paying anyone?', 'Without a provider a small built-in model answers, so that no key is needed to begin.'],
  ['What do I have to install first?', 'Node 18 or later is enough: the start command fetches Node 24, Postgres and NATS itself. Docker is not needed.'],
  [
    'Who turns my documents into something that can be searched?',
    'Documents are cut into chunks by headings and sentences; each chunk is embedded and its words are indexed by Postgres.',
  ],
  [
    'How do I make the machine wait for a human being to say yes?',
    'An approval node opens a task for a person. The run is parked, at no cost, until somebody approves or rejects it.',
  ],
  [
    'My message arrived two times. Does that matter?',
    'Writes are idempotent: a command with the same Idempotency-Key is carried out once, and the second caller gets the first answer.',
  ],
  [
    'Is one customer able to look at the files of another?',
    'A workspace sees nothing of another workspace: its name is part of every subject, every row and every query.',
  ],
  ['Where are passwords kept?', 'Secret headers of tools are sealed with a key from the environment; they never appear in events, logs or answers.'],
  [
    'How can I limit what is spent on language models?',
    'A budget for a run, an agent, a workspace or a day is reserved before a call of a model and settled after it; beyond it, calls are refused.',
  ],
  [
    'The provider is overloaded. What happens to my request?',
    'Calls that are answered 429 or 5xx are repeated after the pause that Retry-After names, then made by the next provider in the list.',
  ],
  [
    'May tools reach machines inside our company?',
    'Outgoing HTTP refuses private, loopback and metadata addresses, unless an operator lists that exact host and port.',
  ],
  [
    'Is it dangerous to run scripts written by strangers?',
    'Code of users runs in a child process without any permission, inside bubblewrap where the kernel allows it, and is killed when its time is over.',
  ],
  [
    'Start something every Monday morning',
    'Jobs fall due at a time or by a cron expression in a time zone, with a rule for runs that were missed or that would overlap.',
  ],
  ['How do I stop a run that takes too long?', 'run.cancel ends a run: what is under way is told so, and its results are dropped when they come.'],
  ['Several tasks should go on at the same time', 'Branches of a workflow run in parallel, up to a limit; a join waits for all of them, or for the first.'],
  [
    'Does the assistant remember what I told it last week?',
    'Memories are kept for a user, a session, an agent or a team, and found by words, by meaning and by importance.',
  ],
  [
    'Make the assistant forget something',
    'A memory is revoked with a reason: it stays in the history but is never found again. Deleting takes it out of every list.',
  ],
  [
    'What do I do with messages nobody could handle?',
    'A message that a consumer gave up on is kept on the dead subject with the failure in its headers, and can be redriven.',
  ],
  ['Grow with more load', 'Every role is a process of its own and may be scaled: executors share runs, and when one dies the others take over what it held.'],
  [
    'Which programming interface do existing chat applications use?',
    'The model gateway speaks the OpenAI dialect: chat completions, embeddings and the list of models work with the official client.',
  ],
  [
    'Let another AI product use our processes as tools',
    'The platform is an MCP server: published workflows, agents and tools of a workspace can be called from any MCP client.',
  ],
  [
    'Correct a spelling mistake in an indexed text',
    'Updating a document replaces its chunks: the old text is hidden from search at once, the new one is indexed in the background.',
  ],
  [
    'The search does not find anything after we changed the AI model',
    'Vectors of different models are never compared: after a change, reindex the documents; until then they are found by their words.',
  ],
  ['Who did what, and when?', 'Each event names its actor, its cause and its correlation, so an audit is a query over the log.'],
  [
    'Draw conclusions about speed from numbers',
    'The benchmark runs workloads on servers of its own and prints steps per second, latencies and processor time.',
  ],
  [
    'Take back what was done when a later step fails',
    'A compensation is declared per node: when the run fails, what had succeeded is undone in the opposite order.',
  ],
  ['Copy everything to a safe place', 'Only the database must be backed up: streams and read models are rebuilt from the log.'],
  [
    'Write an expression that decides which way to go',
    'Conditions on edges are CEL expressions over the state and the outputs of nodes; a missing path is null.',
  ],
  ['Put a value into a sentence', 'Templates write {{ path | filter }} into text; a value is never rendered a second time.'],
];
