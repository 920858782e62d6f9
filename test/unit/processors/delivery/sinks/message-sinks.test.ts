// Slack, PagerDuty and mail: what people read about a group, with texts of attackers that mention nobody, link nowhere, and are no markup.
import assert from 'node:assert/strict'
import { EMAIL_SINK } from '../../../../../processors/delivery/sinks/email.js'
import { messageFacts, messageTitle } from '../../../../../processors/delivery/sinks/message-text.js'
import { PAGERDUTY_SINK } from '../../../../../processors/delivery/sinks/pagerduty.js'
import { SLACK_SINK } from '../../../../../processors/delivery/sinks/slack.js'
import type { MessageSink } from '../../../../../processors/delivery/sink.js'
import { createMessageSink, groupMessage, summaryMessage } from '../../../../support/delivery/group-messages.js'
import { ReceiverDouble } from '../../../../support/delivery/receiver-double.js'
import { SmtpDouble } from '../../../../support/delivery/smtp-double.js'
import { HOSTILE_TEXTS, hostileAlert } from '../../../../support/records/hostile-alert.js'

const NEVER = new AbortController().signal

interface SlackBody {
  readonly channel?: string
  readonly thread_ts?: string
  readonly text: string
  readonly parse: string
  readonly link_names: boolean
  readonly blocks: readonly { readonly type: string; readonly text: { readonly type: string; readonly text: string } }[]
}

interface PagerDutyBody {
  readonly routing_key: string
  readonly event_action: string
  readonly dedup_key: string
  readonly payload: { readonly summary: string; readonly severity: string; readonly custom_details: Readonly<Record<string, string>> }
}

describe('sinks that people read', () => {
  let receiver: ReceiverDouble
  let sink: MessageSink | null = null

  before(() => Object.assign(process.env, { TEST_CHAT_TOKEN: 'xoxb-S3CRET', TEST_ROUTING_KEY: 'R0UTING' }))

  beforeEach(async () => {
    receiver = new ReceiverDouble()
    process.env['TEST_CHAT_HOOK'] = `${await receiver.start()}/services/T/B/S3CRET`
  })

  afterEach(async () => {
    await sink?.close()
    sink = null
    await receiver.stop()
  })

  function bodyOf<Body>(index = -1): Body {
    return JSON.parse(receiver.requests.at(index)?.body ?? '') as Body
  }

  describe('say', () => {
    it('what happened and where, and of a summary how many, when, on which hosts, and where they are in the topic', () => {
      assert.equal(messageTitle(groupMessage()), 'Credential file read (warning) on node-1')
      assert.equal(messageTitle(summaryMessage()), '412 more: Credential file read (warning) on 3 hosts')
      assert.equal(messageTitle(groupMessage({ kind: 'resolved', count: 0 })), 'Quiet again: Credential file read (warning) on node-1')
      const facts = new Map(messageFacts(summaryMessage()))
      assert.equal(facts.get('Alerts'), '412 in this message, 413 in all')
      assert.equal(facts.get('Hosts'), '3: node-1, node-2, node-3')
      assert.equal(facts.get('Time'), '2023-11-14T22:13:21.123Z to 2023-11-14T22:13:30.123Z')
      assert.equal(facts.get('In the topic'), 'partition and offsets 0: 18-400, 3: 7-35')
      assert.equal(facts.get('Note'), 'this may have been sent before')
      assert.equal(facts.get('Ancestors'), 'sh < containerd-shim')
    })

    it('one line for each fact, within bounds and without control characters, whatever an alert holds', () => {
      for (const text of HOSTILE_TEXTS) {
        const message = summaryMessage({ alert: hostileAlert(text) })
        for (const line of [messageTitle(message), ...messageFacts(message).map(([, one]) => one)]) {
          assert.ok(
            line.length <= 500 && !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(line),
            JSON.stringify(line.slice(0, 80)),
          )
        }
      }
    })
  })

  describe('in Slack', () => {
    const settings = (url: string): object => ({ url, allowPrivate: true, token: { env: 'TEST_CHAT_TOKEN' }, channel: 'C1' })

    it('are a message and its thread', async () => {
      receiver.answer = () => ({ status: 200, body: { ok: true, ts: '1700000001.000100' } })
      sink = await createMessageSink(SLACK_SINK, settings(receiver.url))
      assert.deepEqual(await sink.notify(groupMessage(), NEVER), { kind: 'delivered', thread: '1700000001.000100' })
      const outcome = await sink.notify(summaryMessage({ thread: '1700000001.000100' }), NEVER)
      assert.deepEqual(outcome, { kind: 'delivered', thread: '1700000001.000100' })
      assert.deepEqual([bodyOf<SlackBody>(0).thread_ts, bodyOf<SlackBody>(1).thread_ts], [undefined, '1700000001.000100'])
      const [{ path, headers } = { path: '', headers: {} }] = receiver.requests
      assert.deepEqual([path, headers.authorization, bodyOf<SlackBody>().channel], ['/chat.postMessage', 'Bearer xoxb-S3CRET', 'C1'])
    })

    it('mention nobody and link nowhere', async () => {
      sink = await createMessageSink(SLACK_SINK, { webhook: { env: 'TEST_CHAT_HOOK' }, allowPrivate: true })
      for (const text of HOSTILE_TEXTS) {
        assert.deepEqual(await sink.notify(groupMessage({ alert: hostileAlert(text) }), NEVER), { kind: 'delivered' })
        const { text: title, parse, link_names: isLinking, blocks } = bodyOf<SlackBody>()
        assert.deepEqual([parse, isLinking], ['none', false])
        for (const { type, text: inner } of blocks) {
          assert.deepEqual([type, inner.type], ['section', 'plain_text'])
          assert.ok(inner.text.length <= 3_000 && inner.text !== '')
        }
        for (const shown of [title, ...blocks.map((block) => block.text.text)]) assert.ok(!/[<>]|&(?!amp;|lt;|gt;)/.test(shown))
      }
    })

    it('keep what we say ourselves, whatever is escaped before it', async () => {
      sink = await createMessageSink(SLACK_SINK, { webhook: { env: 'TEST_CHAT_HOOK' }, allowPrivate: true })
      const alert = hostileAlert('&'.repeat(5_000))
      await sink.notify(summaryMessage({ alert }), NEVER)
      const { blocks } = bodyOf<SlackBody>()
      assert.ok(blocks.every(({ text }) => text.text.length <= 3_000))
      const shown = blocks.map(({ text }) => text.text).join('\n')
      for (const own of ['412 in this message, 413 in all', '0: 18-400, 3: 7-35', alert.alertId, 'may have been sent before']) {
        assert.ok(shown.includes(own), own)
      }
    })

    it('wait as long as Slack asks, and for a token or channel that is wrong', async () => {
      sink = await createMessageSink(SLACK_SINK, settings(receiver.url))
      receiver.answer = () => ({ status: 429, headers: { 'retry-after': '30' } })
      assert.deepEqual(await sink.notify(groupMessage(), NEVER), { kind: 'retry', reason: 'status 429', afterMs: 30_000 })
      receiver.answer = () => ({ status: 200, body: { ok: false, error: 'channel_not_found' } })
      assert.deepEqual(await sink.notify(groupMessage(), NEVER), { kind: 'retry', reason: 'Slack: channel_not_found' })
      receiver.answer = () => ({ status: 200, body: { ok: false, error: 'invalid_blocks' } })
      assert.equal((await sink.notify(groupMessage(), NEVER)).kind, 'refused')
      await receiver.stop()
      await assert.rejects(sink.notify(groupMessage(), NEVER), (error: Error) => !error.message.includes('S3CRET'))
      await receiver.start()
    })

    it('need one way in', async () => {
      await assert.rejects(createMessageSink(SLACK_SINK, {}), /set either token and channel, or webhook/)
      await assert.rejects(createMessageSink(SLACK_SINK, { token: { env: 'TEST_CHAT_TOKEN' } }), /need each other/)
      const wrong = Promise.resolve().then(async () => await createMessageSink(SLACK_SINK, { webhook: { env: 'TEST_CHAT_TOKEN' } }))
      await assert.rejects(wrong, (error: Error) => /must be an address/.test(error.message) && !error.message.includes('S3CRET'))
    })
  })

  it('in PagerDuty are one incident, which is resolved when it is quiet', async () => {
    receiver.answer = () => ({ status: 202, body: { status: 'success' } })
    sink = await createMessageSink(PAGERDUTY_SINK, { url: receiver.url, allowPrivate: true, routingKey: { env: 'TEST_ROUTING_KEY' } })
    for (const message of [groupMessage(), summaryMessage(), groupMessage({ kind: 'resolved', count: 0 })]) {
      assert.deepEqual(await sink.notify(message, NEVER), { kind: 'delivered' })
    }
    const bodies = [0, 1, 2].map((index) => bodyOf<PagerDutyBody>(index))
    assert.deepEqual(
      bodies.map((one) => one.event_action),
      ['trigger', 'trigger', 'resolve'],
    )
    assert.deepEqual(new Set(bodies.map((one) => one.dedup_key)), new Set(['b2'.repeat(16)]))
    assert.equal(bodies[1]?.payload.custom_details['Alerts'], '412 in this message, 413 in all')
    for (const text of HOSTILE_TEXTS) {
      await sink.notify(groupMessage({ alert: hostileAlert(text) }), NEVER)
      const { payload } = bodyOf<PagerDutyBody>()
      assert.ok(payload.summary.length <= 1_024 && payload.severity === 'warning')
    }
    receiver.answer = () => ({ status: 400, body: { message: 'Event object is invalid' } })
    assert.equal((await sink.notify(groupMessage(), NEVER)).kind, 'refused')
  })

  describe('by mail', () => {
    let server: SmtpDouble
    let port: number

    beforeEach(async () => {
      server = new SmtpDouble()
      port = await server.start()
      const settings = {
        host: '127.0.0.1',
        port,
        security: 'none',
        from: 'eunomia@soc.example',
        to: ['a@soc.example', 'b@soc.example'],
      } as const
      sink = await createMessageSink(EMAIL_SINK, settings)
    })

    afterEach(async () => await server.stop())

    it('are a mail and its answers, with the same id for each attempt', async () => {
      const first = await sink?.notify(groupMessage(), NEVER)
      assert.ok(first?.kind === 'delivered' && first.thread !== undefined)
      await sink?.notify(summaryMessage({ thread: first.thread }), NEVER)
      await sink?.notify(summaryMessage({ thread: first.thread }), NEVER)
      const [one, two, again] = server.mails.map(({ data }) => headersOf(data))
      assert.equal(one?.get('message-id'), first.thread)
      assert.equal(two?.get('in-reply-to'), first.thread)
      assert.equal(two.get('message-id'), again?.get('message-id'))
      assert.equal(two.get('subject'), '412 more: Credential file read (warning) on 3 hosts')
      assert.deepEqual(server.mails[0]?.to, ['<a@soc.example>', '<b@soc.example>'])
    })

    it('are plain text, with the headers that the sink wrote and no others', async () => {
      const expected = 'from to subject message-id auto-submitted x-eunomia-group date mime-version content-type content-transfer-encoding'
      for (const text of HOSTILE_TEXTS) {
        await sink?.notify(groupMessage({ alert: hostileAlert(text) }), NEVER)
        const headers = headersOf(server.mails.at(-1)?.data ?? '')
        assert.deepEqual(
          [...headers.keys()].filter((name) => !expected.split(' ').includes(name)),
          [],
        )
        assert.match(headers.get('content-type') ?? '', /^text\/plain; charset=utf-8/)
        assert.equal(server.mails.at(-1)?.to.length, 2)
      }
    })

    it('are refused when the server refuses the mail, and wait for anything else', async () => {
      server.dataAnswer = '554 5.6.0 not this one'
      const refused = await sink?.notify(groupMessage(), NEVER)
      assert.ok(refused?.kind === 'refused' && refused.answer.includes('not this one'))
      server.dataAnswer = '451 4.3.0 later'
      assert.equal((await sink?.notify(groupMessage(), NEVER))?.kind, 'retry')
      await sink?.close()
      sink = await createMessageSink(EMAIL_SINK, { host: '127.0.0.1', port, from: 'a@b.example', to: ['a@b.example'] })
      const outcome = await sink.notify(groupMessage(), NEVER)
      assert.ok(outcome.kind === 'retry', 'a server without TLS gets no mail')
    })

    it('go again only to those whom the server did not take', async () => {
      let answers = 0
      server.recipientAnswer = (to) => (to === '<b@soc.example>' && answers++ === 0 ? '451 4.7.1 later' : '250 ok')
      const outcome = await sink?.notify(groupMessage({ thread: '<first>' }), NEVER)
      assert.deepEqual(outcome, { kind: 'delivered', thread: '<first>' })
      assert.deepEqual(
        server.mails.map(({ to }) => to),
        [['<a@soc.example>'], ['<b@soc.example>']],
      )
      server.recipientAnswer = (to) => (to === '<b@soc.example>' ? '550 5.1.1 nobody' : '250 ok')
      const refused = await sink?.notify(groupMessage(), NEVER)
      assert.ok(refused?.kind === 'refused' && /b@soc\.example/.test(refused.reason) && refused.answer.includes('nobody'))
      assert.equal(server.mails.length, 3)
    })

    it('go to addresses only', async () => {
      const bad = { host: 'h', from: 'a@b.example', to: ['x@y.example\r\nBcc: z@evil.example'] }
      await assert.rejects(createMessageSink(EMAIL_SINK, bad), /to\[0\]/)
    })
  })
})

/** Headers of a mail by their names in lower case, unfolded. */
function headersOf(data: string): Map<string, string> {
  const head = data.slice(0, data.indexOf('\r\n\r\n')).replace(/\r\n[ \t]/g, ' ')
  return new Map(head.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]))
}
