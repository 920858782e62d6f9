// An alert as a document of the Elastic Common Schema 9.4. Pure: the same alert gives the same document. `labels` holds what ECS has no field for.
// @see https://www.elastic.co/docs/reference/ecs
import { isIP } from 'node:net'
import { connectionEndsOf, eventIdOf, isoMicroseconds, PROTOCOL_NAMES } from '../alert-parts.js'
import { ALERT_SEVERITY } from '../alert-severity.js'
import { attackClaimsOf, attackPage } from '../attack-techniques.js'
import type { Alert, NetworkSummary } from '../generated/types.js'
import { type EcsFields, ecsNested } from './ecs-nested.js'
import { processFields } from './ecs-process.js'

const VERSION = '9.4.0'
/** Lucene refuses terms above 32,766 bytes; a character of a JavaScript string takes up to 3. */
export const MAX_TERM_CHARS = 8_191
const MAX_NAME_CHARS = 1_024
const CUT_MARK = '...[cut]'
const CATEGORIES: readonly (readonly [topic: string, category: string])[] = [
  ['.process.', 'process'],
  ['.file.', 'file'],
  ['.network.', 'network'],
  ['.kernel.', 'host'],
]
const TYPES: readonly (readonly [types: readonly string[], eventTypes: string])[] = [
  [['start'], 'execve execveat'],
  [['end'], 'exit'],
  [['access'], 'open openat openat2 open_by_handle_at'],
  [['creation'], 'creat link linkat symlink symlinkat mkdir mkdirat mknod mknodat'],
  [['deletion'], 'unlink unlinkat rmdir'],
  [['change'], 'rename renameat renameat2 chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat'],
  [['connection', 'start'], 'connect accept accept4'],
]
const TYPES_OF = new Map(TYPES.flatMap(([types, names]) => names.split(' ').map((name) => [name, types] as const)))
const NETWORK_TYPES: Readonly<Record<number, string>> = { 2: 'ipv4', 10: 'ipv6' }

/** The document. */
export function ecsDocumentOf(alert: Alert): Record<string, unknown> {
  return ecsNested([
    eventFields(alert),
    ruleFields(alert),
    threatFields(alert.tags),
    processFields(alert),
    containerFields(alert),
    alert.path === null ? {} : fileFields(alert.path),
    alert.network === null ? {} : networkFields(alert.network, alert.eventType),
    relatedFields(alert),
    { labels: labelsOf(alert) },
  ])
}

function eventFields({ alertId, output, tags, priority, eventTopic, eventType, origin, correlation, references }: Alert): EcsFields {
  const { ecs, syslog } = ALERT_SEVERITY[priority]
  const category = CATEGORIES.find(([topic]) => eventTopic.includes(topic))?.[1]
  return {
    '@timestamp': isoMicroseconds(origin.wallTimeUs),
    message: output,
    tags,
    'ecs.version': VERSION,
    'event.id': alertId,
    'event.kind': 'alert',
    'event.category': ['intrusion_detection', ...(category === undefined ? [] : [category])],
    'event.type': TYPES_OF.get(eventType) ?? ['info'],
    'event.action': eventType,
    'event.module': 'eunomia',
    'event.dataset': 'eunomia.alerts',
    'event.provider': eventTopic,
    'event.severity': ecs,
    'event.sequence': origin.seq,
    'event.start': correlation === null ? null : isoMicroseconds(correlation.windowStartUs),
    'event.end': correlation === null ? null : isoMicroseconds(correlation.windowEndUs),
    'event.reference': references[0],
    'log.level': priority,
    'log.syslog.severity.code': syslog,
    'observer.vendor': 'Eunomia',
    'observer.product': 'Eunomia',
    'observer.type': 'sensor',
    'host.id': origin.hostId,
    'host.name': origin.hostName,
    'host.hostname': origin.hostName,
    'host.boot.id': origin.bootId,
    'host.os.type': 'linux',
  }
}

function ruleFields({ rule, ruleId, ruleVersion, ruleSetHash, author, references, language }: Alert): EcsFields {
  return {
    'rule.id': ruleId,
    'rule.name': rule,
    'rule.version': ruleVersion,
    'rule.ruleset': ruleSetHash,
    'rule.author': author === null ? null : [author],
    'rule.reference': references[0],
    'rule.category': language,
  }
}

function threatFields(tags: readonly string[]): EcsFields {
  const claims = attackClaimsOf(tags)
  if (claims.length === 0) return {}
  const techniques = unique(claims.map(({ technique }) => technique?.id))
  const subTechniques = unique(claims.map(({ subTechnique }) => subTechnique?.id))
  const tactics = claims.flatMap((claim) => claim.tactics)
  const tacticIds = unique(tactics.map(({ id }) => id))
  return {
    'threat.framework': 'MITRE ATT&CK',
    'threat.technique.id': techniques,
    'threat.technique.name': unique(claims.map(({ technique }) => technique?.name)),
    'threat.technique.reference': techniques.map((id) => attackPage('techniques', id)),
    'threat.technique.subtechnique.id': subTechniques,
    'threat.technique.subtechnique.name': unique(claims.map(({ subTechnique }) => subTechnique?.name)),
    'threat.technique.subtechnique.reference': subTechniques.map((id) => attackPage('techniques', id)),
    'threat.tactic.id': tacticIds,
    'threat.tactic.name': unique(tactics.map(({ name }) => name)),
    'threat.tactic.reference': tacticIds.map((id) => attackPage('tactics', id)),
  }
}

function containerFields({ containerId, container }: Alert): EcsFields {
  if (container === null) return { 'container.id': containerId }
  const { name, image, imageRepository, imageTag, imageDigest, labels, isPrivileged, pod } = container
  return {
    'container.id': containerId,
    'container.name': name,
    'container.image.name': imageRepository ?? image,
    'container.image.tag': imageTag === null ? null : [imageTag],
    'container.image.hash.all': imageDigest === null ? null : [imageDigest],
    'container.labels': termLabels(labels),
    'container.security_context.privileged': isPrivileged,
    ...(pod === null
      ? {}
      : {
          'orchestrator.type': 'kubernetes',
          'orchestrator.namespace': pod.namespace,
          'orchestrator.resource.type': 'pod',
          'orchestrator.resource.name': pod.name,
          'orchestrator.resource.id': pod.uid,
        }),
  }
}

/**
 * Dots become underlines, as Beats writes them: a dot would begin an object within the object. Name and value are one term of OpenSearch, which has
 * no bound for it in the mapping, so that both are cut here.
 */
function termLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [cut(name.replace(/[.\0]/g, '_') || '_', MAX_NAME_CHARS), cut(value, MAX_TERM_CHARS)]),
  )
}

function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - CUT_MARK.length)}${CUT_MARK}`
}

function fileFields(path: string): EcsFields {
  const at = path.lastIndexOf('/')
  return { 'file.path': path, 'file.name': path.slice(at + 1), 'file.directory': at < 0 ? null : path.slice(0, at) || '/' }
}

function networkFields(network: NetworkSummary, eventType: string): EcsFields {
  const { isServer, family, protocol, domain } = network
  const { source, destination } = connectionEndsOf(network, eventType)
  return {
    'source.ip': ipOf(source.address),
    'source.address': source.address,
    'source.port': source.port,
    'source.domain': source.domain,
    'destination.ip': ipOf(destination.address),
    'destination.address': destination.address,
    'destination.port': destination.port,
    'destination.domain': destination.domain,
    'network.direction': isServer === null ? 'unknown' : isServer ? 'ingress' : 'egress',
    'network.iana_number': protocol === null ? null : String(protocol),
    'network.transport': PROTOCOL_NAMES[protocol ?? -1],
    'network.type': NETWORK_TYPES[family ?? -1],
    'dns.question.name': eventType === 'dns' ? domain : null,
  }
}

function relatedFields({ origin, process, network }: Alert): EcsFields {
  return {
    'related.ip': unique([ipOf(network?.localAddress), ipOf(network?.remoteAddress)]),
    'related.hosts': unique([origin.hostName, network?.domain]),
    'related.user': unique([process.user, process.loginUser]),
    'related.hash': unique([process.exeSha256]),
  }
}

/** A fixed set of names: each is a field of the index. */
function labelsOf(alert: Alert): Record<string, string> {
  const { facts, kernel, network, correlation, process } = alert
  const labels: Readonly<Record<(typeof LABELS)[number], string | number | null | undefined>> = {
    facts,
    source_event: eventIdOf(alert),
    container_entry: process.containerEntry,
    systemd_unit: process.systemdUnit,
    unix_socket: network?.unixPath,
    target_pid: kernel?.targetPid,
    target_name: kernel?.targetName,
    kernel_object: kernel?.name,
    mount_source: kernel?.source,
    correlation_type: correlation?.type,
    correlation_events: correlation?.eventCount,
  }
  return Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, String(value)]])),
  )
}

/** Names below `labels`. */
export const LABELS = [
  ...['facts', 'source_event', 'container_entry', 'systemd_unit', 'unix_socket', 'target_pid', 'target_name', 'kernel_object'],
  ...['mount_source', 'correlation_type', 'correlation_events'],
] as const

/** A field of type ip refuses the whole document for any other text. */
function ipOf(address: string | null | undefined): string | null {
  return address !== null && address !== undefined && isIP(address) !== 0 && !address.includes('%') ? address : null
}

function unique(values: readonly (string | null | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== null && value !== undefined))]
}
