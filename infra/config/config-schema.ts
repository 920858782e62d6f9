// All settings of Eunomia: static type, default, bounds and documentation in one place. docs/configuration.md is generated from it.
// Knows no source of a setting (file, environment, flag) and none of its users.
import { Type, type Static } from 'typebox'
import { COMPRESSIONS } from '../kafka/kafka-config.js'
import { DEFAULT_PARTITIONS } from '../topic-log/topics.js'
import { ARCHIVE_SETTINGS } from './archive-settings.js'
import { DETECT_SETTINGS } from './detect-settings.js'
import { DELIVER_SETTINGS } from './deliver-settings.js'
import { QUERY_SETTINGS } from './query-settings.js'
import { REDIS_SETTINGS } from './redis-settings.js'
import { BUDGET_SETTINGS } from './budget-settings.js'
import { FETCH_SETTINGS } from './fetch-settings.js'
import { ENVIRONMENT_SETTINGS, REDACTION_SETTINGS } from './redaction-settings.js'
import { USAGE_SETTINGS } from './usage-settings.js'

const KIB = 1024
const MIB = 1024 * KIB
const HOUR_MS = 3_600_000

/** A setting that may be unset. */
const optionalText = (description: string, more: object = {}) =>
  Type.Union([Type.String({ minLength: 1 }), Type.Null()], { default: null, description, ...more })

const Kafka = Type.Object(
  {
    brokers: Type.Array(Type.String({ pattern: '^[^\\s:]+:\\d{1,5}$|^\\[[0-9a-fA-F:]+\\]:\\d{1,5}$' }), {
      default: ['127.0.0.1:9092'],
      minItems: 1,
      description: 'Bootstrap brokers, host:port. They announce the others.',
    }),
    ssl: Type.Object(
      {
        enabled: Type.Boolean({ default: false, description: 'Use TLS.' }),
        caFile: optionalText('PEM file of the authorities that sign the certificates of the brokers. Unset: those of the system.'),
        certFile: optionalText('PEM file of the client certificate, where brokers require one.'),
        keyFile: optionalText('PEM file with the key of the client certificate.'),
      },
      { description: 'TLS with Kafka.' },
    ),
    sasl: Type.Object(
      {
        mechanism: Type.Enum(['none', 'plain', 'scram-sha-256', 'scram-sha-512'], {
          default: 'none',
          description: 'SASL mechanism. Use plain only with TLS: it sends the password in clear text.',
        }),
        username: optionalText('User name.'),
        password: optionalText('Password. passwordFile is safer.', { secret: true }),
        passwordFile: optionalText('File with the password. Read once at the start, without a trailing line break.'),
      },
      { description: 'Authentication with Kafka.' },
    ),
    compression: Type.Enum(COMPRESSIONS, {
      default: 'none',
      description: 'Compression of record batches. zstd is the smallest, lz4 the cheapest. none costs the least CPU and the most disk.',
    }),
    lingerMs: Type.Integer({
      default: 10,
      minimum: 0,
      maximum: 5000,
      unit: 'ms',
      description: 'How long an open batch waits for more records. A longer time means fewer, larger requests, less CPU and later alerts.',
    }),
    maxBatchBytes: Type.Integer({
      default: 1_000_000,
      minimum: 16 * KIB,
      maximum: 64 * MIB,
      unit: 'bytes',
      description: 'Size at which a batch is sent without waiting. It must not exceed the topic setting max.message.bytes.',
    }),
    bufferBytes: Type.Integer({
      default: 64 * MIB,
      minimum: MIB,
      maximum: 2048 * MIB,
      unit: 'bytes',
      description: 'Memory for records while brokers do not answer. When it is full, the ring fills; after that, the kernel counts drops.',
    }),
    ...FETCH_SETTINGS,
    topicPrefix: Type.String({
      default: '',
      pattern: '^[a-zA-Z0-9._-]{0,100}$',
      description: 'Prefix of every topic name, for shared clusters.',
    }),
    partitions: Type.Integer({
      default: DEFAULT_PARTITIONS,
      minimum: 1,
      maximum: 10_000,
      description:
        'Partitions of each new topic: the maximum number of instances of a function that share the work. It cannot be changed later.',
    }),
    replicationFactor: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: 15,
      description: 'Replicas of each partition of a new topic: 3 on a real cluster, 1 on a single broker.',
    }),
  },
  { description: 'Kafka: addresses of the brokers, and how records are written.' },
)

const Schemas = Type.Object(
  {
    registryUrl: optionalText('URL of a registry with the Confluent API, including its path. Unset: the fixed schema ids of the project.', {
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
    description: `Ring between kernel and collector for ${what}; a power of two. It holds the events that arrive while the collector waits for Kafka.`,
  })

const Filters = Type.Object(
  {
    only: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Report only events with these values: pid=1234, uid=1000, port=443 (of the server), localPort, remotePort, anyPort (of either end), container=NAME, RUNTIME/NAME, the digest of its image or the first digits of its id, container=host for processes outside of containers.',
    }),
    except: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Do not report events with these values, in the same form. Whoever connects chooses the port of the own end: prefer port to the ports of other ends here.',
    }),
    outcome: Type.Enum(['all', 'succeeded', 'failed'], { default: 'all', description: 'Report only calls with this result.' }),
  },
  {
    description:
      'Filters in the kernel, before an event costs anything. Filtered events are counted by filter and kind. Execs, forks, exits and cgroups are always reported. `eunomia trackers filter` changes the filters at run time.',
  },
)

/** Default of collector.hostFiles: what rules about a host name. Not what containers, users and services keep under names of their own. */
export const HOST_FILES: string[] = [
  ...['/etc/shadow', '/etc/gshadow', '/etc/sudoers', '/etc/passwd', '/etc/group', '/etc/ld.so.preload', '/etc/crontab'],
  ...['/etc/*', '/root/*', '/boot/*', '/usr/*', '/bin/*', '/sbin/*', '/lib*/*', '/home/*/.*'],
  ...['/var/spool/cron/*', '/var/spool/at/*', '/var/log/*', '/proc/*', '/sys/*', '/dev/*', '/run/*.sock', '/run/*.pid'],
]

const Control = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'Serve the control API.' }),
    socket: optionalText('Unix socket of the API, which only its owner can open. Unset: control.sock in the state folder.'),
    port: Type.Union([Type.Integer({ minimum: 0, maximum: 65_535 }), Type.Null()], {
      default: null,
      description: 'Additional TCP port; 0 takes a free one. Requires tokenFile, certFile and keyFile.',
    }),
    host: Type.String({ default: '127.0.0.1', minLength: 1, description: 'Address of the TCP port.' }),
    tokenFile: optionalText('File with the token of requests over TCP, at least 16 characters.'),
    certFile: optionalText('PEM file of the certificate for TCP.'),
    keyFile: optionalText('PEM file of the key of the certificate.'),
    clientCaFile: optionalText(
      'PEM file of the authority that signs certificates of clients over TCP. With it, a client needs a certificate next to the token, and the record of its changes names the subject.',
    ),
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
      description: 'Maximum captured arguments of one exec. Longer ones are truncated; the event has the original length.',
    }),
    securityRingBytes: ringBytes(8, 'security-relevant events (exec, fork, exit)'),
    bulkRingBytes: ringBytes(16, 'bulk events (opens)'),
    openReads: Type.Boolean({
      default: true,
      description: 'Watch opens that only read. If false, rules about reading files cannot fire.',
    }),
    watch: Type.Enum(['auto', 'forensic', 'detect'], {
      default: 'auto',
      description:
        'forensic: watch everything, so that any rule can run over the past. detect: watch only the events that rules can match. This costs less, but events that were not watched are not available later. auto: detect for `run`, forensic for `collect`.',
    }),
    planFile: optionalText(
      'Watch plan for detect, written by `eunomia rules plan --json`. Reloaded when it changes. `run` creates the plan from its own rules and ignores this file.',
    ),
    filters: Filters,
    budgets: BUDGET_SETTINGS,
    control: Control,
    limits: Type.Object(
      {
        cpuPercent: Type.Union([Type.Integer({ minimum: 1, maximum: 100_000 }), Type.Null()], {
          default: null,
          description:
            'CPU limit of the collector, percent of one core over ten seconds. Above it, hashes of executables, reads of /proc and reads of aggregates are postponed and counted; events never are. For a hard limit, use CPUQuota of the systemd unit.',
        }),
        memoryBytes: Type.Union([Type.Integer({ minimum: 64 * MIB, maximum: 1024 * 1024 * MIB }), Type.Null()], {
          default: null,
          unit: 'bytes',
          description: 'The same limit for its resident memory, including the rings. For a hard limit, use MemoryMax of the systemd unit.',
        }),
      },
      { description: 'Limits of the collector itself.' },
    ),
    privileges: Type.Enum(['least', 'keep'], {
      default: 'least',
      description:
        'least: after loading its probes, the collector permanently drops the capabilities that it no longer needs, in all threads, and other processes of its user cannot dump or trace it. Started by root, it becomes the user eunomia, or else uid 65521, and refuses system calls that it never makes. keep: it drops nothing.',
    }),
    usage: USAGE_SETTINGS,
    pins: Type.Boolean({
      default: true,
      description:
        'collect to Kafka: pin probes and rings in /sys/fs/bpf/eunomia, so that events wait in the rings while no collector runs. `collect --unload` removes the pins.',
    }),
    noReaderMs: Type.Integer({
      default: 600_000,
      minimum: 100,
      maximum: 24 * HOUR_MS,
      unit: 'ms',
      description:
        'After this time without a collector, pinned probes only count events. They cost less then; the events are lost and reported as dropped.',
    }),
    environment: ENVIRONMENT_SETTINGS,
    redaction: REDACTION_SETTINGS,
    hashExecutables: Type.Boolean({
      default: false,
      description:
        'Report the SHA-256 of executables. Each file is read once: up to 2 MiB at its exec, larger files after it, at most 32 MiB per second. Costs disk reads, up to 3 % of a core while new files appear, and delays the events of a batch by some ms. If false, proc.exe_sha256 is absent.',
    }),
    hostFiles: Type.Array(Type.String({ minLength: 1, pattern: '^/' }), {
      default: HOST_FILES,
      description:
        'Files of the host, as patterns in which * also matches slashes. If a process sees such a file under another name (chroot, bind mount, mount namespace, overlay, hard link), its events have the path on the host, and the other one as seenPath. A pattern without a wildcard is also recognised by device and inode.',
    }),
    maxProcesses: Type.Integer({
      default: 65_536,
      minimum: 1024,
      maximum: 4_194_304,
      description: 'Maximum processes in the process table. At the bound, the process that ended first is evicted and counted.',
    }),
    heartbeatMs: Type.Integer({
      default: 5000,
      minimum: 100,
      maximum: 600_000,
      unit: 'ms',
      description: 'Interval of the heartbeat with the loss ledger.',
    }),
    spool: Type.Object(
      {
        maxBytes: Type.Integer({
          default: 1024 * MIB,
          minimum: 0,
          maximum: 1024 * 1024 * MIB,
          unit: 'bytes',
          description:
            'Disk space in the state folder for records while Kafka is unavailable. When it is full, the oldest records are dropped and counted, opens long before execs. 0: no spool, records wait only in memory and rings. Values below 1 MiB count as 1 MiB.',
        }),
        sync: Type.Enum(['none', 'interval', 'always'], {
          default: 'interval',
          description:
            'When spooled records are synced to disk. All values survive a crash of the collector. A crash of the machine loses up to 30 s with none, the last second with interval, and nothing with always, which waits for the disk once per block.',
        }),
      },
      { description: 'The spool on disk.' },
    ),
    dockerSockets: Type.Array(Type.String({ minLength: 1 }), {
      default: ['/var/run/docker.sock'],
      description: 'Docker sockets to query for container facts. A missing socket is picked up when it appears.',
    }),
    podmanSockets: Type.Array(Type.String({ minLength: 1 }), {
      default: ['/run/podman/podman.sock'],
      description:
        'podman sockets (systemctl enable --now podman.socket). The socket of a user also works, but that user then chooses the names of the containers.',
    }),
    containerdSockets: Type.Array(Type.String({ minLength: 1 }), {
      default: ['/run/containerd/containerd.sock', '/run/k3s/containerd/containerd.sock'],
      description:
        "containerd sockets: its own API (ctr, nerdctl) and, if present, the CRI of Kubernetes. Facts of Docker's containers come from Docker.",
    }),
    crioSockets: Type.Array(Type.String({ minLength: 1 }), {
      default: ['/run/crio/crio.sock'],
      description:
        'Sockets of CRI-O or another CRI runtime. Without enable_pod_events in CRI-O, the end of a container is reported 2 seconds late.',
    }),
    factsSnapshotMs: Type.Integer({
      default: HOUR_MS,
      minimum: 1000,
      maximum: 24 * HOUR_MS,
      unit: 'ms',
      description:
        'Interval at which the facts of all containers are published again, so that the topic retains those of long-lived containers.',
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
      description: 'Field mappings for Sigma rules as pySigma pipelines: files or folders. Reloaded like the rules.',
    }),
    placeholders: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Values for placeholders of Sigma rules: admins=root,adm_* for %admins%. A rule with a placeholder without a value cannot fire.',
    }),
    switches: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Rules to switch on and off: enable tag:TAG, disable NAME. NAME is a name or id, with * as a wildcard. The last match wins.',
    }),
    matching: Type.Enum(['first', 'all'], {
      default: 'first',
      description: 'Alerts for one event: from the first matching rule, or from all matching rules.',
    }),
    minimumPriority: Type.Enum(PRIORITIES, { default: 'debug', description: 'Rules below this priority are not loaded.' }),
    reload: Type.Boolean({
      default: true,
      description:
        'Reload rules when their files change. The previous set stays in force when the new one has a mistake, no rule, or lacks more than half of the enabled rules.',
    }),
    allowFewer: Type.Boolean({
      default: false,
      description: 'A reload may drop more than half of the enabled rules. One that drops all of them is refused even then.',
    }),
    strict: Type.Boolean({
      default: false,
      description:
        'Refuse the whole set for any mistake, also at the start. If false, rules with mistakes are quarantined and reported; the others are in force.',
    }),
  },
  { description: 'Rules.' },
)

const Metrics = Type.Object(
  {
    port: Type.Union([Type.Integer({ minimum: 0, maximum: 65_535 }), Type.Null()], {
      default: null,
      description: 'Port of the Prometheus metrics; 0 takes a free one. Unset: no metrics.',
    }),
    host: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      description: 'Address of the metrics. They are not protected: use only a trusted network.',
    }),
  },
  { description: 'Prometheus metrics.' },
)

/** All settings. */
export const CONFIG_SCHEMA = Type.Object({
  kafka: Kafka,
  redis: REDIS_SETTINGS,
  schemas: Schemas,
  collector: Collector,
  rules: Rules,
  detect: DETECT_SETTINGS,
  deliver: DELIVER_SETTINGS,
  archive: ARCHIVE_SETTINGS,
  query: QUERY_SETTINGS,
  metrics: Metrics,
  stateFolder: optionalText(
    'Folder of the host id, checkpoints and spool. Unset: /var/lib/eunomia for root, else $XDG_STATE_HOME/eunomia or ~/.local/state/eunomia.',
  ),
  logLevel: Type.Enum(['debug', 'info', 'warn', 'error'], { default: 'info', description: 'Lowest level of log lines.' }),
})

/** The resolved settings. */
export type Config = Static<typeof CONFIG_SCHEMA>
