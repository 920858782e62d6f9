// The generator of events: the same seed gives the same stream, the stream is mixed as it says, and aimed events hit what they are aimed at.
import assert from 'node:assert/strict'
import type { RuleEvent } from '../../../../../processors/rule-engine/fields/rule-event.js'
import { aimedEvent } from '../../../../support/generator/aimed-events.js'
import { eventMixture } from '../../../../support/generator/event-mixture.js'
import { Random } from '../../../../support/generator/random.js'
import { decodedEvent, encodedEvent } from '../../../../support/generator/stored-event.js'
import { falcoTarget, falcoTargets } from '../../../../support/generator/targets.js'
import { evaluate } from '../../../../support/oracle/falco/evaluate-condition.js'
import { recordEvent } from '../../../../support/oracle/falco/oracle-event.js'
import { parseCondition } from '../../../../support/oracle/falco/parse-condition.js'
import { Codec } from '../../../../../schemas/codec.js'

const RULE = `
- rule: shadow is read
  desc: d
  condition: evt.type in (open, openat) and evt.is_open_read = true and fd.name = /etc/shadow and not proc.name in (sshd, login)
  output: o
  priority: INFO
`
const [target] = falcoTargets([RULE])
const isMatch = ({ event }: RuleEvent): boolean => event.topic === 'file' && event.record.path === '/etc/shadow'
const stream = (seed: number): RuleEvent[] =>
  eventMixture({ seed, count: 4_000, matchShare: 0.01, targets: target === undefined ? [] : [target], isMatch })

describe('generated events', () => {
  it('are the same for the same seed, and others for another', () => {
    assert.deepEqual(stream(7), stream(7))
    assert.notDeepEqual(stream(7), stream(8))
  })

  it('are mixed in the shares of a host: 70 % opens, 20 % execs, exactly the wanted share of matches', () => {
    const events = stream(7)
    const share = (isWanted: (event: RuleEvent) => boolean): number => events.filter(isWanted).length / events.length
    const opens = share(({ event }) => event.topic === 'file' && event.record.type === 'open')
    const execs = share(({ event }) => event.topic === 'process' && event.record.type === 'exec')
    assert.ok(Math.abs(opens - 0.7) < 0.03, `${String(opens)} are opens`)
    assert.ok(Math.abs(execs - 0.2) < 0.03, `${String(execs)} are execs`)
    assert.equal(share(isMatch), 0.01)
    assert.deepEqual([...new Set(events.map(({ event }) => event.topic))].sort(), ['file', 'kernel', 'network', 'process'])
  })

  it('are records of their topics: what is encoded comes back', () => {
    const codec = new Codec()
    for (const { event } of stream(9)) assert.deepEqual(decodedEvent(codec, event.topic, encodedEvent(codec, event)), event)
  })

  it('give up with a plain error when no event is of the wanted sort', () => {
    const never = { seed: 1, count: 10, matchShare: 0, targets: [], isMatch: () => true }
    assert.throws(() => eventMixture(never), /no event that no rule matches in 10000 tries/)
  })

  const CONDITIONS = [
    'evt.type = execve and proc.name = nc and proc.args contains "-e" and proc.pname in (nginx, httpd)',
    'evt.type = connect and fd.sip = 203.0.113.9 and fd.sport = 4444',
    'evt.type = openat and evt.is_open_write = true and fd.name startswith /etc/cron.d/ and container.id != host',
    'evt.type = ptrace and evt.arg.request = PTRACE_ATTACH',
    'evt.type in (rename, renameat) and evt.arg.newpath endswith .locked',
    'evt.type = symlink and evt.arg.target = /etc/shadow',
    'evt.type = execve and proc.aname[3] = sshd and proc.tty != 0',
  ]
  for (const text of CONDITIONS) {
    it(`hit ${text}`, () => {
      const condition = parseCondition(text)
      const random = new Random(1)
      const hits = Array.from({ length: 20 }, () => aimedEvent(falcoTarget('r', condition), random)).filter(
        (event) => event !== null && evaluate(condition, recordEvent(event)) === true,
      )
      assert.ok(hits.length >= 10, `${String(hits.length)} of 20 hit`)
    })
  }
})
