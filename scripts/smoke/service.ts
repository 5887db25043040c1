/** The workflow that is tried, as both kinds of services take it. */
export interface WorkflowDocument {
  readonly workflow_id: string;
  readonly name: string;
  readonly nodes: readonly object[];
  readonly edges: readonly object[];
}

/** Where workflows are made. Every call throws an error that names the request and what was wrong with it. */
export interface WorkflowService {
  create(document: WorkflowDocument): Promise<void>;
  publish(workflowId: string): Promise<void>;
  remove(workflowId: string): Promise<void>;
}

/** How a run ended. */
export interface Outcome {
  readonly status: string;
  readonly output_text: string | null;
  /** Status of every node, by its id. */
  readonly nodes: Readonly<Record<string, string>>;
}

/** Where runs are made and followed to their ends. */
export interface RuntimeService {
  run(workflowId: string, input: object): Promise<Outcome>;
}

/** The run has to end within this: nothing in it waits for anybody. */
export const LONGEST_RUN_SECONDS = 30;
