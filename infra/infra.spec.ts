import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CORE_SCHEMA, load, loadAll, mergeTag } from 'js-yaml';
import { z } from 'zod';
import { SETTINGS } from '@agent-platform/service/config';
import { ROLE_FLAGS } from '@agent-platform/service/role-flags';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(import.meta.dirname, file), 'utf8');
const known = new Set(Object.keys(SETTINGS));
const ROLES = ['code-runner', 'commands', 'executor', 'gateway', 'model-gateway', 'projector', 'relay', 'scheduler'];
const SERVERS = ['nats', 'postgres'];

const Compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      build: z.object({ context: z.string(), dockerfile: z.string(), args: z.object({ APP: z.string() }) }).optional(),
      environment: z.record(z.string(), z.string()).optional(),
      ports: z.array(z.string()).optional(),
      volumes: z.array(z.string()).optional(),
      healthcheck: z.object({ test: z.array(z.string()) }).optional(),
      extra_hosts: z.array(z.string()).optional(),
      networks: z.array(z.string()).optional(),
      read_only: z.boolean().optional(),
      tmpfs: z.array(z.string()).optional(),
      cap_drop: z.array(z.string()).optional(),
      security_opt: z.array(z.string()).optional(),
      pids_limit: z.int().optional(),
      deploy: z.object({ replicas: z.int().optional(), resources: z.object({ limits: z.object({ memory: z.string() }) }) }).optional(),
      container_name: z.undefined().optional(),
    }),
  ),
  networks: z.record(z.string(), z.object({ internal: z.boolean() })),
  volumes: z.record(z.string(), z.null()),
});

const Container = z.object({
  name: z.string(),
  image: z.string(),
  env: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })).default([]),
});
const Workload = z.object({
  kind: z.enum(['Deployment', 'StatefulSet']),
  metadata: z.object({ name: z.string() }),
  spec: z.object({ template: z.object({ spec: z.object({ containers: z.array(Container).length(1) }) }) }),
});
const Kustomization = z.object({
  resources: z.array(z.string()),
  configMapGenerator: z.array(z.object({ name: z.string(), literals: z.array(z.string()).default([]), files: z.array(z.string()).default([]) })),
});

const compose = Compose.parse(load(read('docker/docker-compose.yml'), { schema: CORE_SCHEMA.withTags(mergeTag) }));
const kustomization = Kustomization.parse(load(read('kustomization.yaml')));
const documents = kustomization.resources.flatMap((file) => loadAll(read(file)));
const workloads = documents.flatMap((document) => Workload.safeParse(document).data ?? []);
const literals = (map: string): [string, string][] =>
  (kustomization.configMapGenerator.find(({ name }) => name === map)?.literals ?? []).map((line) => [
    line.slice(0, line.indexOf('=')),
    line.slice(line.indexOf('=') + 1),
  ]);

const service = (name: string) => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};

describe('docker compose', () => {
  it('has every role and both servers', () => {
    expect(Object.keys(compose.services).sort()).toEqual([...ROLES, ...SERVERS].sort());
  });

  it.each(ROLES)('builds %s from the one Dockerfile, of an app that exists', (role) => {
    expect(service(role).build).toEqual({ context: '../..', dockerfile: 'infra/docker/Dockerfile', args: { APP: role } });
    expect(existsSync(path.join(root, 'apps', role, 'package.json'))).toBe(true);
    expect(service(role).deploy?.resources.limits.memory).toBeDefined();
  });

  it.each(ROLES)('gives %s only variables that the platform reads', (role) => {
    expect(Object.keys(service(role).environment ?? {}).filter((name) => !known.has(name))).toEqual([]);
  });

  it('has Postgres with pgvector and NATS with JetStream, both on volumes and with health checks', () => {
    expect(service('postgres').image).toBe('pgvector/pgvector:pg18');
    expect(service('nats').image).toMatch(/^nats:2\.15\./);
    for (const name of SERVERS) expect(service(name).healthcheck).toBeDefined();
    const mounts = SERVERS.flatMap((name) => service(name).volumes ?? []);
    for (const volume of Object.keys(compose.volumes)) expect(mounts.some((mount) => mount.startsWith(`${volume}:`))).toBe(true);
    for (const mount of mounts.filter((one) => one.startsWith('..'))) {
      expect(existsSync(path.join(import.meta.dirname, 'docker', mount.split(':')[0] ?? ''))).toBe(true);
    }
    expect(read('nats/nats.conf')).toMatch(/jetstream \{\s+store_dir: \/data/);
    expect(read('postgres/init.sql')).toContain('CREATE EXTENSION IF NOT EXISTS vector');
  });

  it('publishes ports on loopback only, and none for what is scaled', () => {
    for (const { ports = [] } of Object.values(compose.services)) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
    for (const role of ['commands', 'executor', 'projector', 'relay', 'scheduler']) expect(service(role).ports).toBeUndefined();
    expect(service('relay').deploy?.replicas).toBe(2);
  });

  it('expects a provider on the host, and gives its key to the model gateway alone', () => {
    const gateway = service('model-gateway');
    expect(gateway.environment?.['AGENT_PLATFORM_PROVIDER_BASE_URL']).toContain(':-http://host.docker.internal:11434/v1}');
    expect(gateway.extra_hosts).toContain('host.docker.internal:host-gateway');
    const holders = Object.entries(compose.services).filter(([, { environment = {} }]) => 'AGENT_PLATFORM_PROVIDER_API_KEY' in environment);
    expect(holders.map(([name]) => name)).toEqual(['model-gateway']);
    // Where budgets are kept: without it there would be none.
    expect(gateway.environment).toHaveProperty('AGENT_PLATFORM_DATABASE_URL');
  });

  it('embeds questions and documents in the same way, and gives the key of embeddings to nobody else', () => {
    const embedding = (name: string) => Object.entries(service(name).environment ?? {}).filter(([key]) => key.includes('_EMBEDDING_'));
    expect(embedding('gateway')).toHaveLength(5);
    expect(embedding('executor')).toEqual(embedding('gateway'));
    for (const role of ROLES.filter((one) => one !== 'gateway' && one !== 'executor')) expect(embedding(role)).toEqual([]);
  });

  it('gives the code runner no secret, no server and no way out', () => {
    const names = Object.keys(service('code-runner').environment ?? {});
    expect(names.filter((name) => /KEY|TOKEN|SECRET|DATABASE|NATS|PROVIDER/.test(name))).toEqual([]);
    expect(service('code-runner').networks).toEqual(['code']);
    expect(compose.networks['code']).toEqual({ internal: true });
    expect(service('code-runner')).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], pids_limit: 1024 });
    expect(service('code-runner').tmpfs).toEqual([expect.stringMatching(/^\/tmp:/)]);
  });

  it('has the defaults of npm start', () => {
    const fallback = (name: string): string | undefined => /:-(.*)\}$/.exec(service('executor').environment?.[name] ?? '')?.[1];
    for (const name of ['PROVIDER', 'BASE_URL', 'MODEL'] as const) {
      expect(fallback(`AGENT_PLATFORM_EMBEDDING_${name}`)).toBe(SETTINGS[`AGENT_PLATFORM_EMBEDDING_${name}`].schema.parse(undefined));
    }
    expect(fallback('AGENT_PLATFORM_DEFAULT_MODEL')).toBe(SETTINGS.AGENT_PLATFORM_DEFAULT_MODEL.schema.parse(undefined));
    expect(fallback('AGENT_PLATFORM_LOG_LEVEL')).toBe(SETTINGS.AGENT_PLATFORM_LOG_LEVEL.schema.parse(undefined));
  });
});

describe('Dockerfile', () => {
  const dockerfile = read('docker/Dockerfile');

  it('is one for all, from node:24-slim, and does not run as root', () => {
    expect(dockerfile).toContain('ARG NODE_IMAGE=node:24-slim');
    expect(dockerfile).toContain('ARG APP');
    expect(dockerfile.lastIndexOf('USER node')).toBeGreaterThan(dockerfile.lastIndexOf('FROM'));
  });

  it('starts a role with the flags it has elsewhere', () => {
    expect(dockerfile).toContain(`exec node ${ROLE_FLAGS.join(' ')} dist/$APP.js`);
  });

  it('copies only what exists', () => {
    const sources = [...dockerfile.matchAll(/^COPY ([a-z][\w.]*) /gm)].map(([, source]) => source ?? '');
    expect(sources).toContain('apps');
    for (const source of sources) expect(existsSync(path.join(root, source))).toBe(true);
  });
});

const RunnerPod = z.object({
  kind: z.literal('Deployment'),
  metadata: z.object({ name: z.literal('code-runner') }),
  spec: z.object({
    template: z.object({
      spec: z.object({
        automountServiceAccountToken: z.literal(false),
        securityContext: z.object({ runAsNonRoot: z.literal(true), seccompProfile: z.object({ type: z.literal('RuntimeDefault') }) }),
        containers: z.tuple([
          z.object({
            securityContext: z.object({
              allowPrivilegeEscalation: z.literal(false),
              readOnlyRootFilesystem: z.literal(true),
              capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
            }),
            volumeMounts: z.tuple([z.object({ name: z.literal('tmp'), mountPath: z.literal('/tmp') })]),
          }),
        ]),
        volumes: z.tuple([z.object({ name: z.literal('tmp'), emptyDir: z.object({ sizeLimit: z.string() }) })]),
      }),
    }),
  }),
});
const Callers = z.array(z.object({ podSelector: z.object({ matchLabels: z.object({ app: z.string() }) }) }));
const RunnerPolicy = z.object({
  kind: z.literal('NetworkPolicy'),
  metadata: z.object({ name: z.literal('code-runner') }),
  spec: z.object({ policyTypes: z.array(z.string()), ingress: z.tuple([z.object({ from: Callers })]), egress: z.array(z.unknown()) }),
});

describe('Kubernetes', () => {
  it('gives the code runner no right, nothing to write to but /tmp, and no way out', () => {
    expect(documents.filter((document) => RunnerPod.safeParse(document).success)).toHaveLength(1);
    const [policy] = documents.flatMap((document) => RunnerPolicy.safeParse(document).data ?? []);
    expect(policy?.spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], egress: [] });
    const callers = policy?.spec.ingress[0].from.map(({ podSelector }) => podSelector.matchLabels.app) ?? [];
    expect(callers.sort()).toEqual(['executor', 'gateway']);
    for (const caller of callers) expect(workloads.map(({ metadata }) => metadata.name)).toContain(caller);
  });

  it('has the workloads of compose, with the same images', () => {
    const images = Object.fromEntries(workloads.map(({ metadata, spec }) => [metadata.name, spec.template.spec.containers[0]?.image]));
    expect(images).toEqual(Object.fromEntries(Object.entries(compose.services).map(([name, { image }]) => [name, image])));
  });

  it.each(ROLES)('gives %s the variables it has in compose', (role) => {
    const container = workloads.find(({ metadata }) => metadata.name === role)?.spec.template.spec.containers[0];
    const names = [
      ...(container?.env ?? []).map(({ name }) => name),
      ...(container?.envFrom ?? []).flatMap(({ configMapRef }) => literals(configMapRef.name).map(([name]) => name)),
    ];
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    const inCompose = Object.keys(service(role).environment ?? {}).filter((name) => name !== 'AGENT_PLATFORM_EGRESS_ALLOW');
    expect(names.sort()).toEqual(inCompose.sort());
  });

  it('lists every manifest, and files that exist', () => {
    expect(new Set(kustomization.resources)).toEqual(new Set(readdirSync(path.join(import.meta.dirname, 'k8s')).map((name) => `k8s/${name}`)));
    for (const { files } of kustomization.configMapGenerator) {
      for (const file of files) expect(existsSync(path.join(import.meta.dirname, file))).toBe(true);
    }
  });

  it('sets values that the platform accepts', () => {
    for (const [name, value] of [...literals('platform'), ...literals('embedding'), ...literals('model-gateway')]) {
      expect(SETTINGS[name as keyof typeof SETTINGS].schema.safeParse(value)).toMatchObject({ success: true });
    }
  });
});
