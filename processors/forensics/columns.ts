// The typed columns of an object of the archive, by topic: what hunts and queries filter by. Beside them, each row has its record's original bytes. The
// table is the one definition: the writer, what a hunt pushes down, the views of `eunomia query` and their page in the docs read it.
import type { TopicKey } from '../../infra/topic-log/topics.js'

/** The topics that are archived. */
export const ARCHIVE_TOPICS = [
  'process',
  'file',
  'network',
  'kernel',
  'container',
  'host',
  'alerts',
  'audit',
] as const satisfies readonly TopicKey[]
export type ArchiveTopic = (typeof ARCHIVE_TOPICS)[number]

/** SQL type of a column. All may be null but record_offset and timestamp_ms. */
export type ColumnType = 'BIGINT' | 'INTEGER' | 'BOOLEAN' | 'VARCHAR'

/** A typed column. */
export interface ArchiveColumn {
  readonly name: string
  readonly type: ColumnType
  /** Field of the record, `process.pid`; a list of texts is joined with blanks, `process.ancestors.0.name` is of the parent. */
  readonly field: string
}

/**
 * Columns of every row, from the record in its topic. Key, value and headers are bytes, null where the record has none. The value of an event is in three
 * parts, so that the one that repeats is stored once: value || value_process || value_rest. That of other records is in `value`.
 */
export const ROW_COLUMNS = {
  record_offset: 'BIGINT',
  timestamp_ms: 'BIGINT',
  key: 'BLOB',
  headers: 'BLOB',
  value: 'BLOB',
  value_process: 'BLOB',
  value_rest: 'BLOB',
} as const

/** Columns with bloom filters: a row group without a value is skipped. */
export const BLOOM_COLUMNS: ReadonlySet<string> = new Set([
  'host_id',
  'container_id',
  'process_name',
  'exe_path',
  'parent_exe_path',
  'filename',
  'path',
  'new_path',
  'remote_address',
  'remote_name',
  'unix_path',
  'alert_id',
  'rule',
  'image',
])

/** Columns whose numbers grow from row to row, or rarely repeat. */
export const GROWING_COLUMNS: ReadonlySet<string> = new Set(['wall_time_us', 'boot_time_us', 'seq', 'bytes_sent', 'bytes_received'])

/** Typed columns of each topic. A record that can't be read has nulls. */
export const ARCHIVE_COLUMNS: Readonly<Record<ArchiveTopic, readonly ArchiveColumn[]>> = {
  process: [
    ...ofOrigin(),
    ...ofEvent(),
    column('filename', 'VARCHAR', 'filename'),
    column('attempted_args', 'VARCHAR', 'attemptedArgs'),
    column('exit_code', 'INTEGER', 'exitCode'),
    column('exit_signal', 'INTEGER', 'exitSignal'),
    ...ofProcess(),
  ],
  file: [
    ...ofOrigin(),
    ...ofEvent(),
    column('path', 'VARCHAR', 'path'),
    column('new_path', 'VARCHAR', 'newPath'),
    column('is_write', 'BOOLEAN', 'isWrite'),
    ...ofProcess(),
  ],
  network: [
    ...ofOrigin(),
    ...ofEvent(),
    column('local_address', 'VARCHAR', 'localAddress'),
    column('local_port', 'INTEGER', 'localPort'),
    column('remote_address', 'VARCHAR', 'remoteAddress'),
    column('remote_port', 'INTEGER', 'remotePort'),
    column('remote_name', 'VARCHAR', 'remoteName'),
    column('unix_path', 'VARCHAR', 'unixPath'),
    column('is_server', 'BOOLEAN', 'isServer'),
    column('bytes_sent', 'BIGINT', 'bytesSent'),
    column('bytes_received', 'BIGINT', 'bytesReceived'),
    ...ofProcess(),
  ],
  kernel: [
    ...ofOrigin(),
    ...ofEvent(),
    column('target_pid', 'INTEGER', 'targetPid'),
    column('target_name', 'VARCHAR', 'targetName'),
    column('path', 'VARCHAR', 'path'),
    column('source', 'VARCHAR', 'source'),
    column('name_argument', 'VARCHAR', 'name'),
    ...ofProcess(),
  ],
  container: [
    ...ofOrigin(),
    column('type', 'VARCHAR', 'type'),
    column('container_id', 'VARCHAR', 'containerId'),
    column('runtime', 'VARCHAR', 'runtime'),
    column('name', 'VARCHAR', 'facts.name'),
    column('image', 'VARCHAR', 'facts.image'),
    column('pod_name', 'VARCHAR', 'facts.pod.name'),
    column('pod_namespace', 'VARCHAR', 'facts.pod.namespace'),
    column('init_pid', 'INTEGER', 'initPid'),
    column('exit_code', 'INTEGER', 'exitCode'),
  ],
  host: [
    ...ofOrigin(),
    column('collector_version', 'VARCHAR', 'collectorVersion'),
    column('kernel_release', 'VARCHAR', 'kernelRelease'),
    column('is_last', 'BOOLEAN', 'isLast'),
    column('processes', 'BIGINT', 'processes'),
    column('containers', 'BIGINT', 'containers'),
    column('cpu_us', 'BIGINT', 'cpuUs'),
    column('rss_bytes', 'BIGINT', 'rssBytes'),
  ],
  alerts: [
    ...ofOrigin(),
    column('alert_id', 'VARCHAR', 'alertId'),
    column('rule', 'VARCHAR', 'rule'),
    column('priority', 'VARCHAR', 'priority'),
    column('tags', 'VARCHAR', 'tags'),
    column('output', 'VARCHAR', 'output'),
    column('facts', 'VARCHAR', 'facts'),
    column('event_topic', 'VARCHAR', 'eventTopic'),
    column('type', 'VARCHAR', 'eventType'),
    column('path', 'VARCHAR', 'path'),
    column('container_name', 'VARCHAR', 'container.name'),
    column('image', 'VARCHAR', 'container.image'),
    ...ofProcess(),
  ],
  audit: [
    ...ofOrigin(),
    column('action', 'VARCHAR', 'action'),
    column('target', 'VARCHAR', 'target'),
    column('actor', 'VARCHAR', 'actor'),
    column('before', 'VARCHAR', 'before'),
    column('after', 'VARCHAR', 'after'),
    column('reason', 'VARCHAR', 'reason'),
  ],
}

function ofOrigin(): ArchiveColumn[] {
  return [
    column('wall_time_us', 'BIGINT', 'origin.wallTimeUs'),
    column('boot_time_us', 'BIGINT', 'origin.bootTimeUs'),
    column('host_id', 'VARCHAR', 'origin.hostId'),
    column('host_name', 'VARCHAR', 'origin.hostName'),
    column('boot_id', 'VARCHAR', 'origin.bootId'),
    column('seq', 'BIGINT', 'origin.seq'),
  ]
}

function ofEvent(): ArchiveColumn[] {
  return [column('type', 'VARCHAR', 'type'), column('syscall', 'VARCHAR', 'syscall'), column('result', 'BIGINT', 'result')]
}

function ofProcess(): ArchiveColumn[] {
  return [
    column('pid', 'INTEGER', 'process.pid'),
    column('process_start_us', 'BIGINT', 'process.startBootUs'),
    column('parent_pid', 'INTEGER', 'process.parentPid'),
    column('process_name', 'VARCHAR', 'process.name'),
    column('exe_path', 'VARCHAR', 'process.exePath'),
    column('args', 'VARCHAR', 'process.args'),
    column('cwd', 'VARCHAR', 'process.cwd'),
    column('uid', 'BIGINT', 'process.uid'),
    column('user', 'VARCHAR', 'process.user'),
    column('container_id', 'VARCHAR', 'process.containerId'),
    column('parent_name', 'VARCHAR', 'process.ancestors.0.name'),
    column('parent_exe_path', 'VARCHAR', 'process.ancestors.0.exePath'),
    column('parent_args', 'VARCHAR', 'process.parentArgs'),
  ]
}

function column(name: string, type: ColumnType, field: string): ArchiveColumn {
  return { name, type, field }
}
