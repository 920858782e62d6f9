// An alert as an OCSF 1.8 Detection Finding (class 2004, profiles host and container). Pure: the same alert gives the same finding. What has no
// field in OCSF is in `unmapped`, under the names of the alert.
// @see https://schema.ocsf.io/1.8.0/classes/detection_finding
import { attackClaimsOf, type AttackClaim, type AttackName, attackPage } from '../attack-techniques.js'
import { eventIdOf } from '../alert-parts.js'
import { ALERT_SEVERITY } from '../alert-severity.js'
import type { Alert, CorrelationMatch, Origin } from '../generated/types.js'
import { evidencesOf } from './evidences.js'
import { observablesOf } from './observables.js'
import { actorProcessOf, containerOf, type Json, milliseconds, userOf } from './process-objects.js'

const CATEGORY = 2
const CLASS = 2004
const ACTIVITY_CREATE = 1
const STATUS_NEW = 1
const DEVICE_SERVER = 1
const OS_LINUX = 200
const ANALYTIC_RULE = 1
/** Who made a record. */
export const PRODUCT = { name: 'Eunomia', vendor_name: 'Eunomia' }
const ATTACK_VERSION = '19'

/** The finding. */
export function ocsfFindingOf(alert: Alert): Json {
  const { origin, process } = alert
  const { ocsf, ocsfName } = ALERT_SEVERITY[alert.priority]
  const container = containerOf(alert)
  return {
    activity_id: ACTIVITY_CREATE,
    activity_name: 'Create',
    category_uid: CATEGORY,
    category_name: 'Findings',
    class_uid: CLASS,
    class_name: 'Detection Finding',
    type_uid: CLASS * 100 + ACTIVITY_CREATE,
    type_name: 'Detection Finding: Create',
    severity_id: ocsf,
    severity: ocsfName,
    status_id: STATUS_NEW,
    status: 'New',
    is_alert: true,
    time: milliseconds(origin.wallTimeUs),
    message: alert.output,
    metadata: metadataOf(alert),
    finding_info: findingInfoOf(alert),
    device: deviceOf(origin),
    actor: { process: actorProcessOf(alert, container), user: userOf(process) },
    evidences: evidencesOf(alert, container),
    observables: observablesOf(alert),
    resources: container === undefined ? undefined : [{ uid: alert.containerId, type: 'container', name: alert.container?.name }],
    unmapped: unmappedOf(alert),
  }
}

/** The host. */
export function deviceOf({ hostName, hostId, bootId, wallTimeUs, bootTimeUs }: Origin): Json {
  return {
    type_id: DEVICE_SERVER,
    type: 'Server',
    hostname: hostName,
    uid: hostId,
    boot_uid: bootId,
    boot_time: milliseconds(wallTimeUs - bootTimeUs),
    os: { name: 'Linux', type_id: OS_LINUX, type: 'Linux' },
  }
}

function metadataOf(alert: Alert): Json {
  const { alertId, eventTopic, eventType, process, tags } = alert
  return {
    version: '1.8.0',
    uid: alertId,
    product: PRODUCT,
    profiles: ['host', 'container'],
    log_name: eventTopic,
    event_code: eventType,
    original_event_uid: eventIdOf(alert),
    is_truncated: process.argsTruncated,
    labels: [...tags],
  }
}

function findingInfoOf({ alertId, rule, ruleId, ruleVersion, tags, references, correlation, language, origin, eventTopic }: Alert): Json {
  return {
    uid: alertId,
    title: rule,
    product: PRODUCT,
    created_time: milliseconds(origin.wallTimeUs),
    data_sources: [eventTopic],
    analytic: { type_id: ANALYTIC_RULE, type: 'Rule', category: language, name: rule, uid: ruleId, version: ruleVersion },
    attacks: attackClaimsOf(tags).flatMap(attacksOf),
    src_url: references[0],
    ...(correlation === null ? {} : correlationOf(correlation)),
  }
}

/** OCSF requires a technique, or one tactic each. */
function attacksOf({ technique, subTechnique, tactics }: AttackClaim): Json[] {
  const named = tactics.map((tactic) => attackNameOf(tactic, 'tactics'))
  if (technique === null) return named.map((tactic) => ({ tactic }))
  return [
    {
      technique: attackNameOf(technique, 'techniques'),
      sub_technique: subTechnique === null ? undefined : attackNameOf(subTechnique, 'techniques'),
      tactics: named.length === 0 ? undefined : named,
      version: technique.name === null ? undefined : ATTACK_VERSION,
    },
  ]
}

function attackNameOf({ id, name }: AttackName, kind: 'tactics' | 'techniques'): Json {
  return { uid: id ?? undefined, name: name ?? undefined, src_url: id === null ? undefined : attackPage(kind, id) }
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

const MAPPED_OF_PROCESS: ReadonlySet<string> = new Set([
  ...['pid', 'startBootUs', 'name', 'exePath', 'exeSha256', 'containerId', 'ancestors', 'parentArgs', 'env'],
  ...['uid', 'user', 'gid', 'group', 'cwd', 'sessionId', 'tty', 'namespacePid'],
])
const MAPPED_OF_CONTAINER: ReadonlySet<string> = new Set([
  'name',
  'image',
  'imageRepository',
  'imageTag',
  'imageId',
  'imageDigest',
  'labels',
])

function unmappedOf(alert: Alert): Json {
  const { ruleSetHash, author, references, outputFields, facts, origin, process, container, network, correlation } = alert
  return {
    ruleSetHash,
    facts,
    outputFields,
    origin: { wallTimeUs: origin.wallTimeUs, bootTimeUs: origin.bootTimeUs },
    process: setFields(process, MAPPED_OF_PROCESS),
    ancestors: process.ancestors.map(({ exe, exeFlags, program }) => ({ exe, exeFlags, program })),
    author: author ?? undefined,
    references: references.length > 1 ? references.slice(1) : undefined,
    container: container === null ? undefined : setFields(container, MAPPED_OF_CONTAINER),
    network: network === null ? undefined : setFields(network),
    correlation: correlation === null ? undefined : { type: correlation.type, count: correlation.count },
  }
}

/** The fields that are neither null nor named. */
function setFields(record: object, names: ReadonlySet<string> = new Set()): Json {
  const found: Json = {}
  for (const [name, value] of Object.entries(record)) if (value !== null && !names.has(name)) found[name] = value
  return found
}
