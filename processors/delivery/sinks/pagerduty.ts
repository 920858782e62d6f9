// PagerDuty, Events API v2: the group is the dedup key, so that its messages update one incident, which is resolved when the group is quiet.
// @see https://developer.pagerduty.com/docs/events-api-v2-overview
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { jsonText } from '../../../schemas/alert-formats.js'
import { ALERT_SEVERITY } from '../../../schemas/alert-severity.js'
import { readSecret, SECRET } from '../credentials/secret.js'
import { ADDRESS, HTTP_SETTINGS, HttpClient, httpMistakesOf } from '../http/http-client.js'
import { outcomeOf } from '../http/http-outcome.js'
import { defineMessageSink, type GroupMessage, type MessageOutcome, type MessageSink } from '../sink.js'
import { messageFacts, messageTitle } from './message-text.js'

const API = 'https://events.pagerduty.com'

const SETTINGS = Type.Object(
  {
    ...HTTP_SETTINGS,
    url: Type.Optional(Type.String({ ...ADDRESS, default: API, description: 'Address of the Events API.' })),
    routingKey: SECRET,
  },
  { additionalProperties: false },
)

export const PAGERDUTY_SINK = defineMessageSink({
  kind: 'pagerduty',
  takes: 'messages',
  messagesPerSecond: 2,
  settings: SETTINGS,
  mistakesOf: (settings) => httpMistakesOf({ ...settings, url: settings.url ?? API }),
  create: (settings) => Promise.resolve(new PagerDutySink(settings)),
})

class PagerDutySink implements MessageSink {
  readonly #client: HttpClient
  readonly #routingKey: string

  constructor({ routingKey, ...settings }: Shaped<typeof SETTINGS>) {
    this.#client = new HttpClient({ ...settings, url: settings.url ?? API })
    this.#routingKey = readSecret(routingKey).reveal()
  }

  async notify(message: GroupMessage, signal: AbortSignal): Promise<MessageOutcome> {
    const body = jsonText({ routing_key: this.#routingKey, ...pagerDutyEvent(message) })
    return outcomeOf(await this.#client.send({ path: '/v2/enqueue', headers: { 'content-type': 'application/json' }, body }, signal))
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}

/** The event without its key. A summary of a group that was resolved triggers it again. */
function pagerDutyEvent(message: GroupMessage): object {
  const { kind, alert, groupId, lastUs } = message
  return {
    event_action: kind === 'resolved' ? 'resolve' : 'trigger',
    dedup_key: groupId,
    client: 'Eunomia',
    payload: {
      summary: messageTitle(message),
      source: alert.origin.hostName || 'unknown host',
      severity: ALERT_SEVERITY[alert.priority].pager,
      timestamp: new Date(Math.floor(lastUs / 1000)).toISOString(),
      component: alert.container?.name,
      class: alert.rule.slice(0, 200),
      custom_details: Object.fromEntries(messageFacts(message)),
    },
  }
}
