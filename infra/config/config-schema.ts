// Every setting of Eunomia: static type, default, bounds and documentation at once. docs/configuration.md is generated from it.
// Knows no source (file, environment, flag) and no reader of a setting.
import { Type, type Static } from 'typebox'
import { COMPRESSIONS } from '../kafka/kafka-config.js'
import { DEFAULT_PARTITIONS } from '../topic-log/topics.js'
import { USAGE_SETTINGS } from './usage-settings.js'

const KIB = 1024
const MIB = 1024 * KIB
const HOUR_MS = 3_600_000

/** A setting that may be left open. */
const optionalText = (description: string, more: object = {}) =>
  Type.Union([Type.String({ minLength: 1 }), Type.Null()], { default: null, description, ...more })

const Kafka = Type.Object(
  {
    brokers: Type.Array(Type.String({ pattern: '^[^\\s:]+:\\d{1,5}$|^\\[[0-9a-fA-F:]+\\]:\\d{1,5}$' }), {
      default: ['127.0.0.1:9092'],
      minItems: 1,
      description: 'Brokers to begin with, host:port. The others are learned from them.',
    }),
    ssl: Type.Object(
      {
        enabled: Type.Boolean({ default: false, description: 'Speak TLS with the brokers.' }),
        caFile: optionalText('PEM file of the authorities that sign the brokers; without it those of the system.'),
        certFile: optionalText('PEM file of our certificate, where brokers ask for one.'),
        keyFile: optionalText('PEM file of the key of our certificate.'),
      },
      { description: 'TLS with Kafka.' },
    ),
    sasl: Type.Object(
      {
        mechanism: Type.Enum(['none', 'plain', 'scram-sha-256', 'scram-sha-512'], {
          default: 'none',
          description: 'How we log in. plain only over TLS: the password goes as it is.',
        }),
        username: optionalText('Name to log in with.'),
        password: optionalText('Password to log in with. A file is safer: passwordFile.', { secret: true }),
        passwordFile: optionalText('File that holds the password; read once at the start, a line break at its end is left out.'),
      },
      { description: 'Login to Kafka.' },
    ),
    compression: Type.Enum(COMPRESSIONS, {
      default: 'none',
      description: 'Compression of our record batches. zstd is smallest, lz4 cheapest; none costs the least CPU and the most disk.',
    }),
    lingerMs: Type.Integer({
      default: 10,
      minimum: 0,
      maximum: 5000,
      unit: 'ms',
      description: 'How long an open batch waits for more records. Longer: fewer, larger requests and less CPU; later alerts.',
    }),
    maxBatchBytes: Type.Integer({
      default: 1_000_000,
      minimum: 16 * KIB,
      maximum: 64 * MIB,
      unit: 'bytes',
      description: 'Size at which a batch is sent without waiting. Must fit the topic setting max.message.bytes (1 MiB unless changed).',
    }),
    bufferBytes: Type.Integer({
      default: 64 * MIB,
      minimum: MIB,
      maximum: 2048 * MIB,
      unit: 'bytes',
      description: 'Records held in memory while brokers do not answer. When it is full the ring fills, and then the kernel counts drops.',
    }),
    topicPrefix: Type.String({
      default: '',
      pattern: '^[a-zA-Z0-9._-]{0,100}$',
      description: 'Put before every topic name, for clusters that are shared.',
    }),
    partitions: Type.Integer({
      default: DEFAULT_PARTITIONS,
      minimum: 1,
      maximum: 10_000,
      description: 'Partitions of each topic at its creation: the most instances of a function that can share the work. Fixed once made.',
    }),
    replicationFactor: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: 15,
      description: 'Replicas of each partition at the creation of a topic. 3 on a real cluster; 1 fits a single broker.',
    }),
  },
  { description: 'Kafka: where the brokers are and how we write to them.' },
)

const Redis = Type.Object(
  {
    url: Type.String({
      default: 'redis://127.0.0.1:6379',
      pattern: '^rediss?://[^?#]*$',
      secretUrl: true,
      description: 'Redis, redis:// or rediss:// (TLS), with user, password and database number where needed.',
    }),
  },
  { description: 'Redis: facts and membership of containers for the functions.' },
)

const Schemas = Type.Object(
  {
    registryUrl: optionalText('Registry that speaks the Confluent API, with its path. Without one the fixed ids of the project are used.', {
      pattern: '^https?://[^?#]*$',
      secretUrl: true,
    }),
  },
  { description: 'Avro schemas.' },
)

const ringBytes = (defaultMib: number, what: string) =>
  Type.Integer({
    default: defaultMib * MIB,
    minimum: 64 * KIB,
    maximum: 1024 * MIB,
    isPowerOfTwo: true,
    unit: 'bytes',
    description: `Ring between kernel and collector for ${what}; a power of two. It must hold what comes while the collector waits for Kafka.`,
  })

const Filters = Type.Object(
  {
    only: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Of each field that is named, tell nothing but these: pid=1234, uid=1000, port=443, container=NAME or the first digits of its id, container=host for what runs in none.',
    }),
    except: Type.Array(Type.String({ minLength: 1 }), { default: [], description: 'Leave these out, in the same form.' }),
    outcome: Type.Enum(['all', 'succeeded', 'failed'], { default: 'all', description: 'Tell calls of this result only.' }),
  },
  {
    description:
      'What the probes leave out before it costs anything. Counted by filter and kind; execs, forks, exits and cgroups are always told. Changed at any time by `eunomia trackers filter`.',
  },
)

const Control = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'Listen at all.' }),
    socket: optionalText('Unix socket of the API, which only its owner can open. Without it control.sock in the state folder.'),
    port: Type.Union([Type.Integer({ minimum: 0, maximum: 65_535 }), Type.Null()], {
      default: null,
      description: 'Port to listen on as well; 0 takes a free one. Only with tokenFile, certFile and keyFile.',
    }),
    host: Type.String({ default: '127.0.0.1', minLength: 1, description: 'Address of the port.' }),
    tokenFile: optionalText('File with the token that requests over TCP carry, 16 characters or more.'),
    certFile: optionalText('PEM file of the certificate for TCP.'),
    keyFile: optionalText('PEM file of its key.'),
  },
  { description: 'The control API: health, ledger, trackers.' },
)

const Collector = Type.Object(
  {
    argsBytes: Type.Integer({
      default: 8 * KIB,
      minimum: 256,
      maximum: 64 * KIB,
      unit: 'bytes',
      description: 'Longest captured arguments of one exec. Longer ones are cut, and the event says so with the whole length.',
    }),
    securityRingBytes: ringBytes(8, 'security-relevant events (exec, fork, exit)'),
    bulkRingBytes: ringBytes(16, 'bulk events (opens)'),
    openReads: Type.Boolean({
      default: true,
      description: 'Watch opens that only read. Without it rules about reading files can not fire.',
    }),
    watch: Type.Enum(['forensic', 'detect'], {
      default: 'forensic',
      description:
        'forensic: everything is watched, so that any rule can be run over the past. detect: kinds of events that no rule reads are left alone, which costs less; what was not watched can not be looked at later.',
    }),
    planFile: optionalText(
      'What detect watches: a file that `eunomia rules plan --json` wrote, read again when it changes. `run` makes the plan from its own rules and does not read it.',
    ),
    filters: Filters,
    control: Control,
    limits: Type.Object(
      {
        cpuPercent: Type.Union([Type.Integer({ minimum: 1, maximum: 100_000 }), Type.Null()], {
          default: null,
          description:
            'CPU that the collector may use, percent of one core over ten seconds. Above it hashes of executables, reads of /proc and of aggregates are put off and counted; events never are. For a hard bound, the CPUQuota of its unit.',
        }),
        memoryBytes: Type.Union([Type.Integer({ minimum: 64 * MIB, maximum: 1024 * 1024 * MIB }), Type.Null()], {
          default: null,
          unit: 'bytes',
          description: 'The same for its resident memory, the rings included. For a hard bound, the MemoryMax of its unit.',
        }),
      },
      { description: 'What the collector may use itself.' },
    ),
    privileges: Type.Enum(['least', 'keep'], {
      default: 'least',
      description:
        'least: once its probes are loaded the collector gives up, in all its threads and for good, the capabilities that it does not need any more, and may not be dumped or traced by others of its user. keep: it does not.',
    }),
    usage: USAGE_SETTINGS,
    pins: Type.Boolean({
      default: true,
      description:
        'collect to Kafka: pin probes and rings in /sys/fs/bpf/eunomia, so that events wait in the rings while the collector is away. Removed by collect --unload.',
    }),
    noReaderMs: Type.Integer({
      default: 600_000,
      minimum: 100,
      maximum: 24 * HOUR_MS,
      unit: 'ms',
      description:
        'Pinned probes without a collector only count events after this time: they cost less then, and the events are lost and told as dropped.',
    }),
    environment: Type.Object(
      {
        names: Type.Array(Type.String({ pattern: '^(?:[A-Za-z0-9_.-]{1,63}|[A-Za-z0-9_.-]{0,62}\\*)$' }), {
          default: [],
          maxItems: 64,
          description:
            'Variables that the exec of a program tells, each a name (LD_PRELOAD) or a beginning with * (LD_*). Empty: the environment is not read. Of what only a * takes, values are not told where the name holds KEY, AUTH, TOKEN, PASSW, PASSPHR, SECRET or CREDENT; name such a variable to have it told. What is not asked for never leaves the kernel.',
        }),
      },
      { description: 'The environment of programs.' },
    ),
    hashExecutables: Type.Boolean({
      default: false,
      description:
        'Tell the SHA-256 of executables, each file read once: up to 2 MiB at its exec, larger ones behind it, 32 MiB in a second at most. Costs reads of the disk, up to 3 % of a core while new files come, and holds events of a batch up by some ms. Off it costs nothing, and proc.exe_sha256 is absent.',
    }),
    maxProcesses: Type.Integer({
      default: 65_536,
      minimum: 1024,
      maximum: 4_194_304,
      description: 'Processes that the process table keeps. At the bound the one that is dead longest is forgotten and counted.',
    }),
    heartbeatMs: Type.Integer({
      default: 5000,
      minimum: 100,
      maximum: 600_000,
      unit: 'ms',
      description: 'How often the heartbeat with the loss ledger is sent.',
    }),
    spool: Type.Object(
      {
        maxBytes: Type.Integer({
          default: 1024 * MIB,
          minimum: 0,
          maximum: 1024 * 1024 * MIB,
          unit: 'bytes',
          description:
            'Disk that holds records in the state folder while Kafka does not take them. When it is full its oldest go, opens long before execs, and are counted. 0: no spool, records wait in memory and rings alone; what is below 1 MiB counts as 1 MiB.',
        }),
        sync: Type.Enum(['none', 'interval', 'always'], {
          default: 'interval',
          description:
            'When spooled records are forced onto the disk. All three survive the end of the collector; a crash of the machine takes with none what the kernel had not written yet (up to 30 s), with interval the last second, with always nothing, at the cost of one wait for the disk per block.',
        }),
      },
      { description: 'The spool on disk.' },
    ),
    dockerSockets: Type.Array(Type.String({ minLength: 1 }), {
      default: ['/var/run/docker.sock'],
      description: 'Sockets of Docker to ask for facts about containers. One that is not there is waited for.',
    }),
    podmanSockets: Type.Array(Type.String({ minLength: 1 }), {
      default: ['/run/podman/podman.sock'],
      description:
        'Sockets of podman (systemctl enable --now podman.socket). One of a user may be named too: whoever owns it says what its containers are.',
    }),
    containerdSockets: Type.Array(Type.String({ minLength: 1 }), {
      default: ['/run/containerd/containerd.sock', '/run/k3s/containerd/containerd.sock'],
      description:
        "Sockets of containerd: its own API (ctr, nerdctl) and, where it has one, the CRI of Kubernetes. Docker's containers in it are asked of Docker.",
    }),
    crioSockets: Type.Array(Type.String({ minLength: 1 }), {
      default: ['/run/crio/crio.sock'],
      description:
        'Sockets of CRI-O, or of another runtime that speaks the CRI. Without enable_pod_events in CRI-O ends are told 2 seconds late.',
    }),
    factsSnapshotMs: Type.Integer({
      default: HOUR_MS,
      minimum: 1000,
      maximum: 24 * HOUR_MS,
      unit: 'ms',
      description: 'How often the facts of all containers are sent again, so that those of long-lived ones stay in the topic.',
    }),
  },
  { description: 'The collector on each host.' },
)

const PRIORITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'] as const

const Rules = Type.Object(
  {
    folders: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Folders or files of rules, loaded in this order. Empty: the rules that ship with Eunomia.',
    }),
    pipelines: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Field mappings for Sigma rules, in the form of pySigma pipelines: files, or folders of them. Followed as the rules are.',
    }),
    placeholders: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Values of the placeholders of Sigma rules: admins=root,adm_* for %admins%. A rule whose placeholder has none waits.',
    }),
    switches: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Rules switched on and off, the later over the earlier: enable tag:TAG, disable NAME; NAME is a name or id, with * for anything.',
    }),
    matching: Type.Enum(['first', 'all'], {
      default: 'first',
      description: 'Alerts for one event: of the first rule that holds, or of all.',
    }),
    minimumPriority: Type.Enum(PRIORITIES, { default: 'debug', description: 'Rules below this priority are not loaded.' }),
    reload: Type.Boolean({
      default: true,
      description:
        'Load rules again when their files change. The set before stays in force when the new one brings a mistake, holds no rule, or holds less than half of the enabled rules.',
    }),
    allowFewer: Type.Boolean({
      default: false,
      description: 'A reload may drop more than half of the enabled rules. One that drops all of them is refused even then.',
    }),
    strict: Type.Boolean({
      default: false,
      description:
        'Refuse the whole set for any mistake, also at the start. Without it rules with mistakes are quarantined and told, and the others are in force.',
    }),
  },
  { description: 'Rules.' },
)

const Detect = Type.Object(
  {
    factsDeadlineMs: Type.Integer({
      default: 10_000,
      minimum: 100,
      maximum: 600_000,
      unit: 'ms',
      description: 'How long a verdict waits for the facts of a container. Then it is given without them, and the alert says so.',
    }),
    longestWaitMs: Type.Integer({
      default: HOUR_MS,
      minimum: 1000,
      maximum: 7 * 24 * HOUR_MS,
      unit: 'ms',
      description:
        'The longest wait for those facts, also while Redis is unavailable. It must be less than half of the retention of the topic eunomia.pending.v1 (a day).',
    }),
    nearCacheEntries: Type.Integer({
      default: 20_000,
      minimum: 100,
      maximum: 10_000_000,
      description: 'Containers whose facts an instance keeps in memory beside Redis.',
    }),
  },
  { description: 'The function detect.' },
)

const Metrics = Type.Object(
  {
    port: Type.Union([Type.Integer({ minimum: 0, maximum: 65_535 }), Type.Null()], {
      default: null,
      description: 'Port of the Prometheus metrics; 0 takes a free one. Without it none are served.',
    }),
    host: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      description: 'Address to serve metrics on. They are not protected: keep it to a network that you trust.',
    }),
  },
  { description: 'Prometheus metrics.' },
)

/** All settings. */
export const CONFIG_SCHEMA = Type.Object({
  kafka: Kafka,
  redis: Redis,
  schemas: Schemas,
  collector: Collector,
  rules: Rules,
  detect: Detect,
  metrics: Metrics,
  stateFolder: optionalText(
    'Where the host id and checkpoints are kept. Without it /var/lib/eunomia for root, else $XDG_STATE_HOME/eunomia or ~/.local/state/eunomia.',
  ),
  logLevel: Type.Enum(['debug', 'info', 'warn', 'error'], { default: 'info', description: 'Least level of log lines.' }),
})

/** The resolved settings. */
export type Config = Static<typeof CONFIG_SCHEMA>
