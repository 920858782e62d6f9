// An alert as a line of the Common Event Format, version 0. Pure. Texts of the alert can't end a value, begin a key or end the line.
import { connectionEndsOf, PROTOCOL_NAMES } from '../alert-parts.js'
import { ALERT_SEVERITY } from '../alert-severity.js'
import { attackTags } from '../attack-techniques.js'
import type { Alert } from '../generated/types.js'

type Value = string | number | null | undefined

/** @param version of this product */
export function cefLineOf(alert: Alert, version: string): string {
  const head = [
    'CEF:0',
    'Eunomia',
    'Eunomia',
    headText(version),
    headText(alert.ruleId),
    headText(alert.rule),
    ALERT_SEVERITY[alert.priority].cef,
  ]
  const extensions = extensionsOf(alert).flatMap(([key, value]) =>
    value === null || value === undefined ? [] : [`${key}=${escaped(value)}`],
  )
  return `${head.join('|')}|${extensions.join(' ')}`
}

/** In this order. The first is a number: a known reader (liblognorm) takes a letter off the first key. */
function extensionsOf(alert: Alert): readonly (readonly [key: string, value: Value])[] {
  const { origin, process, container, network, kernel } = alert
  const { techniques, tactics } = attackTags(alert.tags)
  const ends = network === null ? null : connectionEndsOf(network, alert.eventType)
  return [
    ['rt', Math.floor(origin.wallTimeUs / 1000)],
    ['externalId', alert.alertId],
    ['cat', alert.eventTopic],
    ['act', alert.eventType],
    ['msg', alert.output],
    ['dvchost', origin.hostName],
    ['deviceExternalId', origin.hostId],
    ['sproc', process.name],
    ['spid', process.pid],
    ['suser', process.user],
    ['suid', process.uid],
    ['filePath', alert.path ?? network?.unixPath],
    ['src', ends?.source.address],
    ['spt', ends?.source.port],
    ['shost', ends?.source.domain],
    ['dst', ends?.destination.address],
    ['dpt', ends?.destination.port],
    ['dhost', ends?.destination.domain ?? network?.domain],
    ['proto', PROTOCOL_NAMES[network?.protocol ?? -1]],
    ['dpid', kernel?.targetPid],
    ['dproc', kernel?.targetName],
    ...labelled('cs1', 'commandLine', process.args.length === 0 ? null : process.args.join(' ')),
    ...labelled('cs2', 'ancestors', process.ancestors.map(({ name }) => name).join(' < ') || null),
    ...labelled('cs3', 'containerId', alert.containerId),
    ...labelled('cs4', 'container', container === null ? null : container.name),
    ...labelled('cs5', 'image', container === null ? null : container.image),
    ...labelled('cs6', 'attack', [...techniques, ...tactics].join(' ') || null),
    ['fileHash', process.exeSha256],
    ['sourceProcessPath', process.exePath],
    ['podNamespace', container?.pod?.namespace],
    ['podName', container?.pod?.name],
    ['facts', alert.facts],
  ]
}

function labelled(key: string, label: string, value: Value): (readonly [string, Value])[] {
  return value === null || value === undefined
    ? []
    : [
        [`${key}Label`, label],
        [key, value],
      ]
}

/** In the head a line break can't be written; a space takes its place. */
function headText(text: string): string {
  return text.replace(/[\\|]/g, '\\$&').replace(/[\r\n\0]+/g, ' ')
}

/** A text that Linux can't hold in a name, U+0000, becomes U+FFFD. */
function escaped(value: string | number): string {
  if (typeof value === 'number') return String(value)
  return value.replace(/[\\=]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\0/g, '\ufffd')
}
