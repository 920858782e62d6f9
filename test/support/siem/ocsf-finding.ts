// An alert as a detection finding of OCSF 1.8 (class 2004): the proof that an alert holds what a SIEM needs. Only tests use it.
// @see https://schema.ocsf.io/1.8.0/classes/detection_finding
import type {
  Alert,
  Ancestor,
  ContainerFacts,
  CorrelationMatch,
  NetworkSummary,
  Priority,
  Process,
} from '../../../schemas/generated/types.js'

type Json = Record<string, unknown>

const CLASS = 2004
const ACTIVITY_CREATE = 1
const DEVICE_SERVER = 1
const ANALYTIC_RULE = 1
const FILE_UNKNOWN = 0
const SHA_256 = 3
const TECHNIQUE = /^(?:attack\.)?(t\d{4}(?:\.\d{3})?)$/i
const FAMILY_VERSIONS: Readonly<Record<number, number>> = { 2: 4, 10: 6 }

const SEVERITY_OF: Readonly<Record<Priority, number>> = {
  UNKNOWN: 0,
  emergency: 6,
  alert: 6,
  critical: 5,
  error: 4,
  warning: 3,
  notice: 2,
  informational: 1,
  debug: 1,
}

/** The finding. */
export function ocsfFindingOf(alert: Alert): Json {
  const container = containerOf(alert.containerId, alert.container)
  return {
    activity_id: ACTIVITY_CREATE,
    category_uid: Math.floor(CLASS / 1000),
    class_uid: CLASS,
    type_uid: CLASS * 100 + ACTIVITY_CREATE,
    severity_id: SEVERITY_OF[alert.priority],
    status_id: 1,
    is_alert: true,
    time: milliseconds(alert.origin.wallTimeUs),
    message: alert.output,
    metadata: {
      version: '1.8.0',
      uid: alert.alertId,
      product: { name: 'Eunomia', vendor_name: 'Eunomia' },
      profiles: ['host', 'container'],
      log_name: alert.eventTopic,
      event_code: alert.eventType,
      original_event_uid: eventIdOf(alert),
      labels: [...alert.tags],
    },
    finding_info: findingInfoOf(alert),
    device: { type_id: DEVICE_SERVER, hostname: alert.origin.hostName, uid: alert.origin.hostId, boot_uid: alert.origin.bootId },
    actor: { process: processOf(alert.process, alert, container), user: userOf(alert.process) },
    evidences: evidencesOf(alert, container),
    ...(container === null ? {} : { resources: [{ uid: alert.containerId, type: 'container', name: alert.container?.name ?? '' }] }),
  }
}

function findingInfoOf({ alertId, rule, ruleId, ruleVersion, tags, references, correlation, language }: Alert): Json {
  const techniques = tags.flatMap((tag) => TECHNIQUE.exec(tag)?.[1]?.toUpperCase() ?? [])
  return {
    uid: alertId,
    title: rule,
    analytic: { type_id: ANALYTIC_RULE, type: language, name: rule, uid: ruleId, version: ruleVersion },
    attacks: techniques.map((uid) => ({ technique: { uid } })),
    ...(references[0] === undefined ? {} : { src_url: references[0] }),
    ...(correlation === null ? {} : correlationOf(correlation)),
  }
}

function correlationOf({ ruleIds, groupBy, windowStartUs, windowEndUs, eventIds, eventCount }: CorrelationMatch): Json {
  return {
    first_seen_time: milliseconds(windowStartUs),
    last_seen_time: milliseconds(windowEndUs),
    related_analytics: ruleIds.map((uid) => ({ type_id: ANALYTIC_RULE, uid })),
    related_events: eventIds.map((uid) => ({ uid })),
    related_events_count: eventCount,
    tags: Object.entries(groupBy).map(([name, value]) => ({ name, value })),
  }
}

function evidencesOf({ path, network, kernel, process, eventType }: Alert, container: Json | null): Json[] {
  const evidence: Json = { process: { pid: process.pid, name: process.name } }
  if (path !== null) evidence['file'] = fileOf(path)
  if (container !== null) evidence['container'] = container
  if (network !== null) Object.assign(evidence, connectionOf(network, eventType))
  if (kernel === null) return [evidence]
  evidence['data'] = kernel
  if (kernel.targetPid === null) return [evidence]
  return [evidence, { name: 'target', process: { pid: kernel.targetPid, ...optional('name', kernel.targetName) } }]
}

/** Source is who connected. */
function connectionOf(network: NetworkSummary, eventType: string): Json {
  const local = endpoint(network.localAddress, network.localPort, null)
  const remote = endpoint(network.remoteAddress, network.remotePort, network.domain)
  const isInbound = network.isServer === true
  return {
    connection_info: {
      direction_id: network.isServer === null ? 0 : isInbound ? 1 : 2,
      ...(network.protocol === null ? {} : { protocol_num: network.protocol }),
      protocol_ver_id: FAMILY_VERSIONS[network.family ?? 0] ?? 0,
    },
    ...optional('src_endpoint', isInbound ? remote : local),
    ...optional('dst_endpoint', isInbound ? local : remote),
    ...(eventType === 'dns' && network.domain !== null ? { query: { hostname: network.domain } } : {}),
  }
}

function endpoint(ip: string | null, port: number | null, domain: string | null): Json | null {
  const parts = { ...optional('ip', ip), ...optional('port', port), ...optional('domain', domain) }
  return ip === null && domain === null ? null : parts
}

function processOf(process: Process, { origin }: Alert, container: Json | null): Json {
  const [parent, ...others] = process.ancestors
  const startedAt = (bootUs: number): number => milliseconds(origin.wallTimeUs - origin.bootTimeUs + bootUs)
  const entity = ({ pid, startBootUs, name, exePath }: Ancestor): Json => ({
    pid,
    uid: `${origin.hostId}/${origin.bootId}/${String(pid)}/${String(startBootUs)}`,
    name,
    created_time: startedAt(startBootUs),
    ...optional('path', exePath),
  })
  const hashes = process.exeSha256 === null ? {} : { hashes: [{ algorithm_id: SHA_256, value: process.exeSha256 }] }
  return {
    ...entity({ ...process, exe: process.args[0] ?? '' }),
    cmd_line: process.args.join(' '),
    namespace_pid: process.namespacePid,
    user: userOf(process),
    session: { uid: String(process.sessionId), ...(process.tty === null ? {} : { terminal: String(process.tty) }) },
    ...optional('working_directory', process.cwd),
    ...(process.exePath === null ? {} : { file: { ...fileOf(process.exePath), ...hashes } }),
    ...optional('container', container),
    ...(parent === undefined ? {} : { parent_process: { ...entity(parent), cmd_line: process.parentArgs.join(' ') } }),
    ancestry: others.map(entity),
  }
}

function userOf({ uid, user, gid, group }: Process): Json {
  return { uid: String(uid), ...optional('name', user), groups: [{ uid: String(gid), ...optional('name', group) }] }
}

function containerOf(uid: string | null, facts: ContainerFacts | null): Json | null {
  if (uid === null) return null
  if (facts === null) return { uid }
  return {
    uid,
    name: facts.name,
    image: { uid: facts.imageId ?? facts.image, name: facts.imageRepository ?? facts.image, ...optional('tag', facts.imageTag) },
    labels: Object.entries(facts.labels).map(([name, value]) => `${name}=${value}`),
    ...(facts.pod === null ? {} : { orchestrator: 'Kubernetes', ...optional('pod_uuid', facts.pod.uid) }),
  }
}

function fileOf(path: string): Json {
  return { name: path.slice(path.lastIndexOf('/') + 1), path, type_id: FILE_UNKNOWN }
}

function eventIdOf({ origin, eventTopic }: Alert): string {
  const { hostId, bootId, epoch, cpu, seq } = origin
  return [hostId, bootId, epoch, eventTopic, cpu, seq].join('/')
}

function milliseconds(us: number): number {
  return Math.floor(us / 1000)
}

function optional(name: string, value: unknown): Json {
  return value === null ? {} : { [name]: value }
}
