// Check of the tree: docs/failure-modes.md says what the code has. Each bound below is in the page with the number that the source has, and each
// name in backticks (settings, metrics, counters, fields, messages of the log) is in the sources.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CONFIG_SCHEMA } from '../../../infra/config/config-schema.js'
import { packageRoot } from '../../../infra/process/package-root.js'

const PAGE = 'docs/failure-modes.md'
const SOURCES = ['assembly', 'bpf', 'cli', 'collector', 'infra', 'native', 'processors', 'schemas']
const SOURCE_FILE = /\.(ts|c|h|cc|avsc|service|tsv)$/

/** A number of the page: words with it, and the text with it in a source file. */
export interface Bound {
  readonly words: string
  readonly file: string
  readonly code: string
}

const bound = (words: string, file: string, code: string): Bound => ({ words, file, code })

/** The numbers of the page that are constants of the code. */
export const BOUNDS: readonly Bound[] = [
  bound('After one second without an acknowledgement', 'collector/spool/spooled-appender.ts', 'OUTAGE_MS = 1000'),
  bound('2 MiB per topic', 'collector/spool/spooled-appender.ts', 'WINDOW_BYTES = 2 << 20'),
  bound('16 MiB, at most 1/2 of `kafka.bufferBytes`', 'collector/spool/spooled-appender.ts', 'MEMORY_BYTES = 16 << 20'),
  bound('`kafka.bufferBytes` (64 MiB)', 'infra/config/config-schema.ts', 'default: 64 * MIB'),
  bound('`collector.spool.maxBytes` (1 GiB)', 'infra/config/config-schema.ts', 'default: 1024 * MIB'),
  bound(
    'usage 5 %, opens 25 %, process, network and kernel events 60 %, containers and heartbeats 10 %',
    'collector/spool/spool-config.ts',
    'usage: 0.05, bulk: 0.25, security: 0.6, state: 0.1',
  ),
  bound('rewritten above 8 MiB', 'collector/checkpoint/checkpoint.ts', 'LONG_BYTES = 8 << 20'),
  bound('128 MiB while a ring is not freed', 'collector/checkpoint/checkpoint.ts', 'MAX_BYTES = 128 << 20'),
  bound('8 kept for reuse', 'infra/kafka/publisher/publisher.ts', 'POOLED_FRAMES = 8'),
  bound('50 ms, doubled up to 2 s', 'infra/kafka/publisher/partition-queue.ts', 'new Backoff(50, 2_000)'),
  bound('five minutes ahead', 'infra/topic-log/topics.ts', 'MAX_AHEAD_MS = 5 * 60_000'),
  bound('32 MiB together', 'native/src/programs/task_args.cc', 'kAllBytes = 32 << 20'),
  bound('after two seconds for all processes together', 'native/src/programs/programs.cc', 'kTaskArgsMs = 2000'),
  bound('killed after 10 ms without progress', 'native/src/process/guarded_reads.cc', 'kStuckMs = 10'),
  bound('at run time after 50 ms', 'collector/processes/proc-reader.ts', 'ARGS_DEADLINE_MS = 50'),
  bound('a pause of 50 times as long', 'collector/processes/proc-reader.ts', 'PAUSE_FACTOR = 50'),
  bound('its start to 10 ms', 'collector/processes/proc-reader.ts', 'TICK_US = 10_000'),
  bound('256 reads per second', 'collector/processes/process-table.ts', 'procReads ?? 256'),
  bound('(16,384 of them)', 'collector/processes/process-table.ts', 'maxRetired ?? 16_384'),
  bound('`collector.maxProcesses`: 65,536', 'infra/config/config-schema.ts', 'default: 65_536'),
  bound('of eight ancestors', 'collector/processes/process-table.ts', 'maxAncestors ?? 8'),
  bound("the parent's arguments an event has 1,024 bytes", 'collector/processes/process-table.ts', 'parentArgsBytes ?? 1024'),
  bound('at 1,024 of them', 'bpf/process/exec_refused.bpf.h', '#define REFUSED_ARGS 1024'),
  bound('cut at 4,096 bytes', 'bpf/record/maps.bpf.h', '#define PATH_BYTES    4096'),
  bound('This takes at most 10.5 s', 'collector/collector.ts', 'DRAIN_MS = 10_000'),
  bound('This takes at most 10.5 s', 'collector/collector.ts', 'LAST_BEAT_MS = 500'),
  bound('other part at most 30 s', 'infra/process/lifecycle.ts', 'stopTimeoutMs ?? 30_000'),
  bound('`WatchdogSec=30`', 'infra/deploy/eunomia-collector.service', 'WatchdogSec=30'),
  bound('More losses between two heartbeats than can be listed (4,096)', 'collector/ledger/loss-log.ts', 'MAX_LOSSES = 4096'),
  bound('losses that the control API lists | 1,024', 'collector/ledger/loss-log.ts', 'MAX_RECENT = 1024'),
  bound('below nine tenths of the limit', 'collector/own-use.ts', 'BACK_AT = 0.9'),
  bound('longer than 256 MiB', 'collector/executables/file-hashes.ts', 'maxFileBytes ?? 256 * 1024 * 1024'),
  bound('Files above 2 MiB', 'collector/executables/file-hashes.ts', 'bytesPerBatch ?? 2 * 1024 * 1024'),
  bound('32 MiB a second', 'collector/executables/file-hashes.ts', 'bytesPerSecond ?? 32 * 1024 * 1024'),
  bound('8,192 hashes are remembered', 'collector/executables/file-hashes.ts', 'maxEntries ?? 8192'),
  bound('64 that are open, and 4,096 of', 'collector/executables/file-hashes.ts', 'maxWaiting ?? 64'),
  bound('64 that are open, and 4,096 of', 'collector/executables/file-hashes.ts', 'MAX_RUNNING = 4096'),
  bound('then every five seconds', 'collector/drops/drop-watch.ts', 'EVERY_US = 5_000_000'),
  bound('Such calls fill at most half of the ring', 'bpf/record/maps.bpf.h', '#define CALLS_MAY_FILL 4'),
  bound('From half of the ring on, opens may fill a quarter', 'bpf/record/maps.bpf.h', '#define BULK_UNPRESSED_UP_TO 4'),
  bound('opens may fill a quarter', 'bpf/record/maps.bpf.h', '#define ROOM_OF_CLASS 2'),
  bound('with a share of the ring | 4,096', 'bpf/record/shares.bpf.h', '#define SHARES 4096'),
  bound('with a budget | 8,192', 'bpf/record/budgets.h', '#define BUDGETS 8192'),
  bound('1,024 numbers from 1,024 on', 'bpf/kernel-call/unknown_calls.h', '#define UNKNOWN_CALLS_MADE_UP 1024'),
  bound('the 256 lowest numbers', 'collector/unknown-calls.ts', 'MAX_LISTED = 256'),
  bound(
    'Above 16 connections, or 4 of one address',
    'collector/control/control-server.ts',
    'maxConnections: 16, maxOfPeer: 4, idleMs: 5_000',
  ),
  bound('page has 32 and 16', 'infra/process/metrics-server.ts', 'maxConnections: 32, maxOfPeer: 16, idleMs: 5_000'),
  bound('512 KiB body, 8 KiB headers, 1 KiB path', 'collector/control/control-server.ts', 'MAX_BODY_BYTES = 512 << 10'),
  bound('away for more than ten minutes', 'infra/config/config-schema.ts', 'default: 600_000'),
  bound('asked at most four times', 'collector/containers/container-tracker.ts', 'maxAttempts: 4'),
  bound('named like a container | 100 a second', 'collector/containers/container-tracker.ts', 'maxClaimsPerSecond: 100'),
  bound('16,384, and 1,024 removed ones', 'collector/containers/container-tracker.ts', 'maxContainers: 16_384'),
  bound('65,536, and 8,192 removed ones', 'collector/containers/container-tracker.ts', 'maxCgroups: 65_536'),
  bound('8,192 further ones', 'collector/containers/container-tracker.ts', 'maxPassingCgroups: 8192'),
  bound('found nowhere | 4,096 per hierarchy version', 'collector/containers/container-tracker.ts', 'maxMissingIds: 4096'),
  bound('4,096, a quarter of them for claims', 'collector/containers/container-tracker.ts', 'maxWaiting: 4096'),
  bound('256 of 4,096 characters, 65,536 together; 512', 'collector/containers/facts/json-fields.ts', 'labelsLength: 65_536'),
  bound('that entered them | 65,536', 'collector/processes/container-entries.ts', 'MAX_CONTAINERS = 65_536'),
  bound('`maxLag`: 10,000; 200,000', 'processors/delivery/start-sink.ts', 'ALERT_LAG = 10_000'),
  bound('`maxLag`: 10,000; 200,000', 'processors/delivery/start-sink.ts', 'MESSAGE_LAG = 200_000'),
  bound('in the queue | 16 MiB', 'processors/delivery/reader.ts', 'QUEUED_BYTES = 16 * 1024 * 1024'),
  bound('of a receiver in a dead letter | 1,000 characters', 'processors/delivery/dead-letters.ts', 'MAX_ANSWER = 1_000'),
  bound('`--limit`: 10,000', 'processors/forensics/hunt/hunt-plan.ts', 'DEFAULT_ROWS = 10_000'),
  bound('50,000 of a slice, 500,000 in all', 'processors/forensics/hunt/run-slice.ts', 'MOST_MATCHES = 50_000'),
  bound('50,000 of a slice, 500,000 in all', 'processors/forensics/hunt/merge-results.ts', 'MOST_MATCHES = 500_000'),
  bound('1,000,000 of each kind', 'processors/forensics/hunt/past-membership.ts', 'MOST_ENTRIES = 1_000_000'),
  bound('hunts that are known | 1,000', 'processors/forensics/jobs/hunt-state.ts', 'MOST_HUNTS = 1_000'),
  bound('packed | 900,000 bytes', 'assembly/hunts.ts', 'MOST_PACKED_BYTES = 900_000'),
  bound('After four attempts', 'processors/forensics/jobs/hunt-queue.ts', 'ATTEMPTS = 4'),
  bound('noticed within 10 s', 'processors/forensics/jobs/hunt-worker.ts', 'LOOK_MS = 10_000'),
  bound('before the collector listens | 50,000', 'assembly/host.ts', 'MAX_HELD = 50_000'),
  bound('256; 65,536 characters', 'collector/watch/change-trail.ts', 'MOST_CHARACTERS = 65_536'),
  bound('contain more than 4,096 values', 'collector/watch/event-filters.ts', 'MAX_FILTERED_VALUES = 4096'),
  bound('(2,048 per CPU)', 'bpf/record/filters.h', '#define PATH_VERDICTS_PER_CPU 2048'),
  bound('than it can hold (32,768)', 'bpf/record/filters.h', '#define FILTER_NUMBERS       65536'),
  bound('more than 512 KiB wait', 'collector/usage/usage-run.ts', 'MAX_BUFFERED_BYTES = 512 * 1024'),
  bound('removed since the last reading | 16,384', 'collector/usage/readers/gone-cgroups.ts', 'MAX_GONE_CGROUPS = 16_384'),
  bound('ended in an interval | 16,384', 'collector/usage/usage-owner.ts', 'MAX_ENDED = 16_384'),
  bound('system calls, per ABI | 8,192', 'collector/usage/readers/syscall-usage.ts', 'SEEN_ENTRIES = 8192'),
  bound('40 folders and mounts', 'bpf/usage/file_path.bpf.h', '#define PATH_STEPS 40'),
  bound('with a known creator | 65,536', 'native/rings.ts', 'SOCKET_ENTRIES = 65_536'),
  bound('from DNS answers | 16,384', 'collector/dns/seen-names.ts', 'max = 16_384'),
  bound('one DNS message | 64', 'collector/dns/dns-message.ts', 'MAX_ANSWERS = 64'),
  bound('the first 64 are read', 'bpf/network/datagrams.bpf.h', '#define MESSAGES_MAX 64'),
  bound('the first 2,048 bytes', 'bpf/network/datagram_record.bpf.h', '#define DNS_BYTES  2048'),
  bound('longer than 3,896 bytes', 'bpf/kernel-call/ring_requests.bpf.h', '#define RING_RECORD_BYTES 3896'),
  bound('with an address or control data | 1,024', 'bpf/kernel-call/ring_requests.bpf.h', '#define RING_REQUESTS   1024'),
  bound('pipes, with eight processes each | 4,096', 'collector/processes/pipe-holders.ts', 'MAX_PIPES = 4096'),
  bound('4,096 pipes with 8 processes each', 'collector/processes/pipe-holders.ts', 'MAX_HOLDERS = 8'),
  bound('more than four control headers', 'bpf/network/messages.bpf.h', '#define CONTROL_HEADERS  4'),
  bound('more than 7 KiB of selected variables', 'bpf/process/environment.h', '#define ENVIRONMENT_BYTES    7168'),
  bound('more than 4,096 variables', 'bpf/process/environment.bpf.h', '#define ENVIRONMENT_STEPS 4096'),
  bound('matches more than 256 times', 'collector/redaction/redactor.ts', 'MAX_MATCHES_OF_SETTING = 256'),
  bound('only the first 64 of a command line', 'collector/redaction/redactor.ts', 'MAX_HASHES = 64'),
  bound('Above 64 reads or 50 ms', 'collector/mounts/host-mounts.ts', 'reads = 64'),
  bound('256 namespaces', 'collector/mounts/host-mounts.ts', 'maxNamespaces = 256'),
  bound('20,000 mounts or 4 MiB', 'infra/process/mount-info.ts', 'bytes: 4 << 20, mounts: 20_000'),
  bound('earlier inodes | 1,024; 4,096', 'collector/mounts/host-files.ts', 'MAX_HOST_FILES = 1024'),
  bound('host that were seen | 256', 'collector/mounts/host-paths.ts', 'MAX_BINDS = 256'),
  bound('users and of groups | 65,536 each', 'collector/users/users.ts', 'MAX_ENTRIES = 65_536'),
  bound('a single answer of the host above 16 MiB', 'collector/source/capture-format.ts', 'MAX_FRAME_BYTES = 16 * 1024 * 1024'),
  bound('`kafka.fetchBytes` (32 MiB)', 'infra/kafka/kafka-config.ts', 'DEFAULT_FETCH_BYTES = 32 * 1024 * 1024'),
  bound('session ends (15 s)', 'infra/kafka/group/group-consumer.ts', 'DEFAULT_SESSION_MS = 15_000'),
  bound('next start within 60 s', 'infra/kafka/group/group-consumer.ts', 'STATIC_SESSION_MS = 60_000'),
  bound('ended by its coordinator after 10 s', 'infra/kafka/group/transactional-producer.ts', 'TRANSACTION_TIMEOUT_MS = 10_000'),
  bound('At 10,000 records', 'infra/topic-log/deferred-partition.ts', 'DEFAULT_UNCONFIRMED = 10_000'),
  bound('metadata above 4,096 bytes', 'infra/topic-log/topic-log.ts', 'MOST_METADATA_BYTES = 4_096'),
  bound('given away after at most 3 s', 'infra/topic-log/deferred-partition.ts', 'END_MS = 3_000'),
  bound('one call of a function | 1,200,000 bytes', 'processors/runtime/attempt.ts', 'maxBatchBytes: 1_200_000'),
  bound('one output record | 1,000,000 bytes', 'processors/runtime/attempt.ts', 'maxRecordBytes: 1_000_000'),
  bound('at most 100 at once and 10 a second', 'processors/runtime/schema-learner.ts', 'PER_SECOND = 10'),
  bound('registered for the topic | 1,000, for 30 s', 'processors/runtime/schema-learner.ts', 'MAX_UNKNOWN = 1_000'),
  bound('what they read for at most 30 s', 'processors/membership/membership-key.ts', 'MOST_STALE_MS = 30_000'),
  bound('after a sixteenth of its wait', 'processors/functions/detect/pending.ts', 'PACE = 16'),
  bound('`detect.longestWaitMs` (1 h)', 'infra/config/config-schema.ts', 'default: HOUR_MS'),
  bound('3 s while no container runtime answers', 'cli/run/run-host.ts', 'AWAY_DEADLINE_MS = 3000'),
  bound('series of one metric | 500', 'infra/process/metrics.ts', 'maxSeries ?? 500'),
  bound('known names | 20,000', 'cli/collect/event-filter.ts', 'MAX_NAMES = 20_000'),
  bound('memberships in memory | 100,000', 'processors/membership/memory-store.ts', 'maxEntries ?? 100_000'),
  bound('with the largest set in force within the last hour', 'processors/rule-engine/load/rules-in-force.ts', 'MEMORY_MS = 3_600_000'),
  bound('again every 10 minutes', 'processors/rule-engine/load/rules-in-force.ts', 'REMIND_MS = 600_000'),
  bound('256 MiB and 20,000 files, folders 32 deep', 'processors/rule-engine/load/rule-files.ts', 'MAX_DEPTH = 32'),
  bound('256 MiB and 20,000 files, folders 32 deep', 'processors/rule-engine/load/rule-files.ts', 'MAX_FILES = 20_000'),
  bound('nested lists included | 100,000', 'processors/rule-engine/falco/rule-items.ts', 'MAX_LIST_ITEMS = 100_000'),
  bound('nested 500 deep; 3,000,000', 'processors/rule-engine/falco/expand-macros.ts', 'MAX_TERMS = 3_000_000'),
]

/** One message for each bound that the page or the source does not have, whatever their line breaks. @param read null for a file that does not exist */
export function wrongBounds(page: string, bounds: readonly Bound[], read: (file: string) => string | null): string[] {
  const has = (text: string | null, part: string): boolean => plain(text ?? '').includes(plain(part))
  return bounds.flatMap(({ words, file, code }) => [
    ...(has(page, words) ? [] : [`${PAGE}: "${plain(words)}" is gone; the bound is ${code} in ${file}`]),
    ...(has(read(file), code) ? [] : [`${PAGE}: "${plain(words)}" is of ${code}, which ${file} does not have`]),
  ])
}

const plain = (text: string): string => text.replaceAll(/\s+/g, ' ')

/** Names of the kernel, and metrics whose names are composed. */
const OTHER_NAMES: ReadonlySet<string> = new Set([
  'net.core.optmem_max',
  'eunomia_control_connections_closed_total',
  'eunomia_control_tcp_connections_closed_total',
])

/** One message for each name or message in backticks that no source has. A * and words like NAME stand for any. @param settings paths of all */
export function unknownNames(page: string, sources: string, settings: readonly string[]): string[] {
  const words = new Set(sources.match(/[A-Za-z_]\w*/g))
  const sections = new Set(settings.map((setting) => setting.split('.', 1)[0]))
  const isKnown = (word: string): boolean => /^[A-Z]+$/.test(word) || words.has(word)
  const isThere = (span: string): boolean => {
    const [name = ''] = span.split(/[=: ]/, 1)
    if (OTHER_NAMES.has(span) || sources.includes(span)) return true
    if (name.includes('.') && sections.has(name.split('.', 1)[0])) {
      return settings.some((setting) => setting === name || setting.startsWith(`${name}.`))
    }
    const parts = span.match(/\*?[A-Za-z_]\w*/g) ?? []
    return parts.every((part) => (part.startsWith('*') ? [...words].some((word) => word.endsWith(part.slice(1))) : isKnown(part)))
  }
  const spans = new Set([...page.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span.replaceAll(/\s+/g, ' ')))
  return [...spans].filter((span) => !isThere(span)).map((span) => `${PAGE}: the sources have no \`${span}\``)
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && SOURCE_FILE.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}

/** Paths of all settings. */
export function settingsOf(schema: { readonly properties?: object }, path = ''): string[] {
  if (schema.properties === undefined) return [path]
  return Object.entries(schema.properties).flatMap(([name, inner]) =>
    settingsOf(inner as { readonly properties?: object }, path === '' ? name : `${path}.${name}`),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = packageRoot()
  const page = readFileSync(join(root, PAGE), 'utf8')
  const read = (file: string): string | null => {
    try {
      return readFileSync(join(root, file), 'utf8')
    } catch {
      return null
    }
  }
  const sources = SOURCES.flatMap((folder) => sourcesBelow(join(root, folder))).join(' ')
  const mistakes = [...wrongBounds(page, BOUNDS, read), ...unknownNames(page, sources, settingsOf(CONFIG_SCHEMA))]
  for (const mistake of mistakes) console.error(mistake)
  process.exitCode = mistakes.length === 0 ? 0 : 1
}
