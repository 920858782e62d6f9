// Any event of a kind that rules evaluate: every field is arbitrary, but type and system call fit each other.
import fc from 'fast-check'
import { RECORD_KINDS } from '../../../schemas/generated/calls.js'
import type { RuleEvent, RuleRecord, RuleTopic } from '../../../processors/rule-engine/fields/rule-event.js'
import { EXE_FLAGS } from '../../../schemas/generated/exe-flags.js'
import { namedSchemas } from '../../../schemas/generate/named-schemas.js'
import { readSchemaFiles } from '../../../schemas/schema-set.js'
import { RECORD_OF_TOPIC } from '../../../schemas/topics.js'
import type { RecordSchema } from '../../../schemas/tree/schema-model.js'
import { arbitraryValue } from './arbitrary-record.js'

/** A kind of record that rules evaluate. */
export interface RecordKind {
  readonly topic: RuleTopic
  readonly type: string
  readonly eventType: string
}

const SCHEMAS = namedSchemas(readSchemaFiles())
const RECORDS: ReadonlyMap<string, RecordSchema> = new Map(
  SCHEMAS.all.flatMap((schema) => (schema.kind === 'record' ? [[schema.name, schema]] : [])),
)

/** Schema of a record by its short name: `Process`. */
export function recordSchema(name: string): RecordSchema {
  const schema = RECORDS.get(`eunomia.${name}`)
  if (schema === undefined) throw new TypeError(`no record ${name}`)
  return schema
}

const ARBITRARIES = new Map<string, fc.Arbitrary<object>>()

/** Any record of a schema; created once, because it is large. */
function arbitraryRecord(name: string): fc.Arbitrary<object> {
  const made = ARBITRARIES.get(name) ?? arbitraryValue(recordSchema(name)).map((record) => record as object)
  ARBITRARIES.set(name, made)
  return made
}

/** Every kind, with each event type that it has. */
export const ALL_KINDS: readonly RecordKind[] = (Object.keys(RECORD_KINDS) as RuleTopic[]).flatMap((topic) =>
  Object.entries(RECORD_KINDS[topic]).flatMap(([type, eventTypes]) => eventTypes.map((eventType) => ({ topic, type, eventType }))),
)

/** Event types that are not system calls. */
const NO_CALL = new Set(['procexit', 'dns', 'signaldeliver', 'oom_kill', 'io_uring', 'drop'])

/** Values that random text and numbers hardly ever hit, for fields that a kind may have. */
const LIFELIKE: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  family: fc.constantFrom(null, 1, 2, 2, 10, 10, 16, 99),
  protocol: fc.constantFrom(0, 1, 6, 17, 58),
  socketType: fc.constantFrom(1, 2, 3),
  isServer: fc.constantFrom(null, true, false),
  remoteAddress: fc.constantFrom(null, '203.0.113.7', '2001:db8::7'),
  localAddress: fc.constantFrom(null, '10.0.0.1', '::1', '0.0.0.0'),
  remotePort: fc.constantFrom(0, 22, 65_535),
  localPort: fc.constantFrom(0, 22, 65_535),
  unixPath: fc.constantFrom('/dev/log', '@x', '/run/docker.sock'),
  payload: fc.constantFrom(Buffer.from('<13>cron: hello'), Buffer.from('<999>')),
  result: fc.constantFrom(0, 0, 3, 64, -2, -115),
  path: fc.constantFrom(null, '/etc/shadow', '/proc/7/environ', '/tmp/', 'x/../y'),
  newPath: fc.constantFrom(null, '/etc/shadow'),
  pathArgument: fc.constantFrom(null, '../x//y'),
  newPathArgument: fc.constantFrom(null, 'x'),
  attribute: fc.constantFrom(null, 'security.capability'),
  modificationTimeUs: fc.constantFrom(null, 0, 1_760_000_000_000_000),
  linkTarget: fc.constantFrom('/etc/shadow', '../x'),
  descriptorType: fc.constantFrom('file', 'file', 'directory', 'pipe', 'ipv4'),
  fd: fc.constantFrom(null, 0, 9),
  threadId: fc.constantFrom(null, 7, 8),
  newFd: fc.constantFrom(0, 1, 2, null),
  uid: fc.constantFrom(0, 7),
  gid: fc.constantFrom(0, 7),
  inode: fc.constantFrom('262150', '18446744073709551615'),
}

const { known, local, rootOwned, hostRoot, hostNamespace, rootNamespace, lowerLayer, hostMounted } = EXE_FLAGS
const ON_HOST = known | local | rootOwned | hostRoot | hostNamespace | rootNamespace
const IN_IMAGE = known | local | lowerLayer | hostMounted | rootNamespace

/** The same within the process. */
const LIFELIKE_PROCESS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  name: fc.constantFrom('bash', 'cat'),
  uid: fc.constantFrom(0, 7),
  euid: fc.constantFrom(0, 7),
  gid: fc.constantFrom(0, 7),
  egid: fc.constantFrom(0, 7),
  exeInode: fc.constantFrom('131077', 'x'),
  exeCtimeUs: fc.constant(2 ** 50),
  pid: fc.constantFrom(7, 8),
  exePath: fc.constantFrom('/usr/bin/cat', '/bin/busybox', '/tmp/cat', null),
  exeFlags: fc.constantFrom(0, IN_IMAGE, ...Array<number>(4).fill(ON_HOST), ON_HOST | EXE_FLAGS.interpreted, ON_HOST | EXE_FLAGS.steered),
  program: fc.constantFrom(null, '/usr/bin/dnf', '/usr/bin/dnf'),
  ancestors: fc.constantFrom(
    [],
    [
      { pid: 9, startBootUs: 1, name: 'sh', exe: 'sh', exePath: '/bin/sh', exeFlags: ON_HOST, program: null },
      { pid: 8, startBootUs: 1, name: 'x', exe: 'x', exePath: '/usr/bin/env', exeFlags: IN_IMAGE, program: '/usr/bin/x' },
    ],
  ),
  sessionId: fc.constantFrom(7, 8, 9),
  stdin: fc.constant({ type: 'pipe', name: 'pipe:[7]' }),
  stdout: fc.constant({ type: 'file', name: '/dev/null' }),
  stderr: fc.constant({ type: 'ipv4', name: '10.0.0.1:1->10.0.0.2:2' }),
  namespaces: fc.constant({ mount: 1, pid: 2, network: 3, user: 4, uts: 5, ipc: 6, cgroup: 7, pidStartBootUs: 0 }),
}

/** Events of a kind: arbitrary, or with the values of {@link LIFELIKE} for the fields that the kind has. */
export function arbitraryEvent({ topic, type, eventType }: RecordKind, isLifelike = false): fc.Arbitrary<RuleRecord> {
  const schema = recordSchema(RECORD_OF_TOPIC[topic])
  const likely = Object.entries(LIFELIKE).filter(([name]) => schema.fields.some((field) => field.name === name))
  const changes = isLifelike ? fc.record(Object.fromEntries(likely)) : fc.constant({})
  const changesOfProcess = isLifelike ? fc.record(LIFELIKE_PROCESS) : fc.constant({})
  return fc.tuple(arbitraryRecord(RECORD_OF_TOPIC[topic]), changes, changesOfProcess).map(([record, more, ofProcess]) => {
    const head = { type, syscall: NO_CALL.has(eventType) ? 'UNKNOWN' : eventType }
    const { process } = record as { process: object }
    return { topic, record: { ...record, ...more, ...head, process: { ...process, ...ofProcess } } } as unknown as RuleRecord
  })
}

const LIFELIKE_FACTS = {
  name: 'web',
  image: 'shop/web:1.4',
  imageRepository: 'shop/web',
  imageTag: '1.4',
  imageId: `sha256:${'ab'.repeat(32)}`,
  imageDigest: `sha256:${'cd'.repeat(32)}`,
  labels: { app: 'web' },
  mounts: [{ source: '/srv', destination: '/data', type: 'bind', isWritable: true, propagation: 'rprivate' }],
  pod: { name: 'web-0', namespace: 'shop', uid: 'u1', containerName: 'web' },
}

/** Anything that may be known of a container. */
export const arbitraryKnowledge: fc.Arbitrary<RuleEvent['container']> = fc.oneof(
  fc.constant({ state: 'host' } as const),
  fc.record({ state: fc.constant('unknown' as const), containerId: fc.constantFrom(null, 'a'.repeat(64)) }),
  fc.record({
    state: fc.constant('absent' as const),
    containerId: fc.constantFrom(null, undefined, 'a'.repeat(64)),
    isClaimed: fc.boolean(),
  }),
  {
    weight: 4,
    arbitrary: fc.tuple(arbitraryRecord('ContainerFacts'), fc.constantFrom({}, LIFELIKE_FACTS)).map(knownContainer),
  },
)

function knownContainer([facts, more]: readonly [object, object]): RuleEvent['container'] {
  return { state: 'known', containerId: 'b'.repeat(64), facts: { ...facts, ...more } } as unknown as RuleEvent['container']
}
