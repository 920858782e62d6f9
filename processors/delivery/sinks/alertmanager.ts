// Prometheus Alertmanager: alerts with few labels, so that equal ones fold into one that is active; everything else is in annotations. Each alert
// extends its end, and after a quiet time Alertmanager resolves it.
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { jsonText } from '../../../schemas/alert-formats.js'
import { isoMicroseconds, stableIdOf } from '../../../schemas/alert-parts.js'
import { ALERT_SEVERITY } from '../../../schemas/alert-severity.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { HTTP_SETTINGS, HttpClient, httpMistakesOf } from '../http/http-client.js'
import { outcomeOf } from '../http/http-outcome.js'
import { readSecret, SECRET } from '../credentials/secret.js'
import { type AlertSink, defineAlertSink, type Outcome, type TopicAlert } from '../sink.js'

const QUIET_MS = 300_000
/** Annotations are for people. */
const MAX_ANNOTATION_CHARS = 4_096

const SETTINGS = Type.Object(
  {
    ...HTTP_SETTINGS,
    quietMs: Type.Optional(
      Type.Integer({
        minimum: 1_000,
        maximum: 86_400_000,
        default: QUIET_MS,
        description: 'An alert is resolved when none like it came for so long, milliseconds.',
      }),
    ),
    bearer: Type.Optional(SECRET),
  },
  { additionalProperties: false },
)
type Settings = Shaped<typeof SETTINGS>

export const ALERTMANAGER_SINK = defineAlertSink({
  kind: 'alertmanager',
  takes: 'alerts',
  isOrdered: false,
  batch: { alerts: 1_000, bytes: 4 << 20 },
  settings: SETTINGS,
  mistakesOf: httpMistakesOf,
  create: (settings) => Promise.resolve(new AlertmanagerSink(settings)),
})

class AlertmanagerSink implements AlertSink {
  readonly #client: HttpClient
  readonly #quietMs: number
  readonly #headers: Readonly<Record<string, string>>

  constructor(settings: Settings) {
    this.#client = new HttpClient(settings)
    this.#quietMs = settings.quietMs ?? QUIET_MS
    this.#headers = {
      'content-type': 'application/json',
      ...(settings.bearer === undefined ? {} : { authorization: `Bearer ${readSecret(settings.bearer).reveal()}` }),
    }
  }

  async send(alerts: readonly TopicAlert[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const body = jsonText(foldedAlerts(alerts, Date.now() + this.#quietMs))
    const outcome = outcomeOf(await this.#client.send({ path: '/api/v2/alerts', headers: this.#headers, body }, signal))
    if (outcome.kind !== 'refused' || alerts.length === 1) return alerts.map(() => outcome)
    // One of them is what it refuses.
    const half = Math.ceil(alerts.length / 2)
    return [...(await this.send(alerts.slice(0, half), signal)), ...(await this.send(alerts.slice(half), signal))]
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}

interface Folded {
  readonly labels: Readonly<Record<string, string>>
  startUs: number
  latest: Alert
}

/** One for each set of labels, from the first event until `endMs`. */
function foldedAlerts(alerts: readonly TopicAlert[], endMs: number): object[] {
  const byLabels = new Map<string, Folded>()
  for (const { alert } of alerts) {
    const labels = labelsOf(alert)
    const key = JSON.stringify(labels)
    const folded = byLabels.get(key)
    const us = alert.origin.wallTimeUs
    if (folded === undefined) byLabels.set(key, { labels, startUs: us, latest: alert })
    else
      Object.assign(folded, {
        startUs: Math.min(folded.startUs, us),
        latest: us >= folded.latest.origin.wallTimeUs ? alert : folded.latest,
      })
  }
  return [...byLabels.values()].map(({ labels, startUs, latest }) => ({
    labels,
    annotations: annotationsOf(latest),
    // It refuses one that ends before it starts, as by a clock that is ahead.
    startsAt: isoMicroseconds(Math.min(startUs, endMs * 1000 - 1)),
    endsAt: isoMicroseconds(endMs * 1000),
  }))
}

/** Nothing that differs from one event to the next. */
function labelsOf({ rule, priority, origin, container }: Alert): Record<string, string> {
  return withoutEmpty({
    alertname: rule === '' ? 'unnamed rule' : rule,
    severity: ALERT_SEVERITY[priority].pager,
    host: origin.hostName,
    namespace: container?.pod?.namespace,
    container: container?.name,
    image: container?.image,
  })
}

function annotationsOf(alert: Alert): Record<string, string> {
  const { output, priority, process, path, network, containerId, tags } = alert
  return withoutEmpty({
    summary: output,
    priority,
    alert_id: stableIdOf(alert),
    time: isoMicroseconds(alert.origin.wallTimeUs),
    command: process.args.join(' ') || process.name,
    ancestors: process.ancestors.map(({ name }) => name).join(' < '),
    user: process.user ?? String(process.uid),
    pid: String(process.pid),
    file: path,
    remote: network?.domain ?? network?.remoteAddress,
    container_id: containerId,
    tags: tags.join(' '),
  })
}

function withoutEmpty(values: Readonly<Record<string, string | null | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === null || value === undefined || value === '' ? [] : [[name, value.slice(0, MAX_ANNOTATION_CHARS)]],
    ),
  )
}
