// The kinds of sinks. The module of a kind, and with it its packages, is loaded only when a sink of that kind is in the settings.
import type { SinkKind } from '../sink.js'

const KINDS: ReadonlyMap<string, () => Promise<SinkKind>> = new Map<string, () => Promise<SinkKind>>([
  ['file', async () => (await import('./file.js')).FILE_SINK],
  ['stdout', async () => (await import('./file.js')).STDOUT_SINK],
  ['elasticsearch', async () => (await import('./search.js')).ELASTICSEARCH_SINK],
  ['opensearch', async () => (await import('./search.js')).OPENSEARCH_SINK],
  ['splunk', async () => (await import('./splunk.js')).SPLUNK_SINK],
  ['syslog', async () => (await import('./syslog.js')).SYSLOG_SINK],
  ['webhook', async () => (await import('./webhook.js')).WEBHOOK_SINK],
  ['bucket', async () => (await import('./bucket.js')).BUCKET_SINK],
  ['kafka', async () => (await import('./kafka.js')).KAFKA_SINK],
  ['alertmanager', async () => (await import('./alertmanager.js')).ALERTMANAGER_SINK],
  ['slack', async () => (await import('./slack.js')).SLACK_SINK],
  ['pagerduty', async () => (await import('./pagerduty.js')).PAGERDUTY_SINK],
  ['email', async () => (await import('./email.js')).EMAIL_SINK],
])

/** Names of all kinds, as in `kind: file`. */
export const KIND_NAMES: readonly string[] = [...KINDS.keys()]

/** Loads a kind; undefined for an unknown name. */
export async function loadKind(name: string): Promise<SinkKind | undefined> {
  return await KINDS.get(name)?.()
}
