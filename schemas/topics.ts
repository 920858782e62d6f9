// Which record is the value of which topic. The topics themselves (names, settings) are in infra/topic-log/topics.ts.
import { TOPICS, type TopicKey } from '../infra/topic-log/topics.js'
import type {
  Alert,
  ArchiveEntry,
  AuditEvent,
  ContainerEvent,
  DeadLetter,
  FileEvent,
  HostEvent,
  HuntRow,
  KernelEvent,
  NetworkEvent,
  PendingEvent,
  ProcessEvent,
  StateRecord,
  UsageRecord,
} from './generated/types.js'

/** The record type of each topic. */
export interface TopicRecords {
  readonly process: ProcessEvent
  readonly file: FileEvent
  readonly network: NetworkEvent
  readonly kernel: KernelEvent
  readonly container: ContainerEvent
  readonly host: HostEvent
  readonly usage: UsageRecord
  readonly alerts: Alert
  readonly pending: PendingEvent
  readonly deadletter: DeadLetter
  readonly audit: AuditEvent
  readonly state: StateRecord
  readonly archive: ArchiveEntry
  readonly hunts: HuntRow
}

/** Short name of each topic's record, which is also the name of its interface. */
export const RECORD_OF_TOPIC: Readonly<Record<TopicKey, string>> = {
  process: 'ProcessEvent',
  file: 'FileEvent',
  network: 'NetworkEvent',
  kernel: 'KernelEvent',
  container: 'ContainerEvent',
  host: 'HostEvent',
  usage: 'UsageRecord',
  alerts: 'Alert',
  pending: 'PendingEvent',
  deadletter: 'DeadLetter',
  audit: 'AuditEvent',
  state: 'StateRecord',
  archive: 'ArchiveEntry',
  hunts: 'HuntRow',
}

/** Subject of a topic's values in a schema registry (Confluent's TopicNameStrategy). */
export function subjectOf(topic: TopicKey): string {
  return `${TOPICS[topic].name}-value`
}
