// What a person reads of an alert.
import assert from 'node:assert/strict'
import { alertLines } from '../../../../cli/terminal/alert-text.js'
import type { Alert } from '../../../../schemas/generated/types.js'
import { colorsFor } from '../../../../cli/terminal/terminal-text.js'
import { kernelSummaryOf, networkSummaryOf } from '../../../../processors/rule-engine/output/alert.js'
import { sampleKernelEvent } from '../../../support/records/sample-kernel-event.js'
import { sampleNetworkEvent } from '../../../support/records/sample-network-event.js'
import { testAlert } from '../../../support/records/test-alert.js'

const plain = colorsFor({ isTTY: false })

describe('an alert on the screen', () => {
  it('shows time, priority, rule, container with image, process with ancestors, and its action', () => {
    const [title, container, process, action, ...rest] = alertLines(testAlert(), 120, plain)
    assert.match(title ?? '', /^\d\d:\d\d:\d\d\.123 {2}WARNING {7}Credential file read$/)
    assert.equal(container?.trim(), 'container web (nginx:1.25) 0123456789ab, host node-1')
    assert.equal(process?.trim(), 'cat /etc/shadow (pid 4242, root) < sh < containerd-shim')
    assert.equal(action?.trim(), 'openat /etc/shadow')
    assert.deepEqual(rest, [])
  })

  it('shows the connection of a network event, and the target of a kernel event', () => {
    const network = networkSummaryOf({ topic: 'network', record: sampleNetworkEvent() })
    const connected = testAlert({ eventTopic: 'eunomia.network.v1', eventType: 'connect', path: null, network })
    assert.equal(alertLines(connected, 120, plain)[3]?.trim(), 'connect 172.17.0.2:40312 -> 203.0.113.7:443 tcp')
    const kernel = kernelSummaryOf({ topic: 'kernel', record: sampleKernelEvent() })
    const traced = testAlert({ eventTopic: 'eunomia.kernel.v1', eventType: 'ptrace', path: null, kernel })
    assert.equal(alertLines(traced, 120, plain)[3]?.trim(), 'ptrace nginx (pid 4250)')
  })

  it('shows the count of a correlation before the event that completed it', () => {
    const correlation: Alert['correlation'] = {
      type: 'event_count',
      ruleIds: ['r'],
      groupBy: { User: 'root' },
      windowStartUs: 1,
      windowEndUs: 2,
      count: 3,
      eventIds: ['e'],
      eventCount: 3,
    }
    const output = 'Many reads: 3 events in 1m (User=root\u001b[2J)'
    const lines = alertLines(testAlert({ rule: 'Many reads', output, correlation }), 120, plain)
    assert.match(lines[0] ?? '', /Many reads$/)
    assert.match(lines[1] ?? '', /^ +3 events in 1m \(User=root[^\u001b]*\)$/)
    assert.match(lines[2] ?? '', /container web/)
  })

  it('says that it happened on the host when it did', () => {
    const lines = alertLines(testAlert({ containerId: null, container: null }), 120, plain)
    assert.equal(lines[1]?.trim(), 'on the host node-1')
  })

  it('keeps the id of a container whose facts did not come', () => {
    const lines = alertLines(testAlert({ container: null, facts: 'absent' }), 120, plain)
    assert.match(lines[1] ?? '', /container 0123456789ab \(its name and image did not arrive in time\)/)
  })

  it('says that nobody can name the container when no runtime answers', () => {
    const lines = alertLines(testAlert({ container: null, facts: 'absent' }), 120, plain, { isRuntimeAway: true })
    assert.match(lines[1] ?? '', /container 0123456789ab \(no runtime answers: name unknown\), host node-1$/)
  })

  it('shows the date of another day', () => {
    const alert = testAlert()
    const atMs = alert.origin.wallTimeUs / 1000
    assert.match(alertLines(alert, 120, plain, { nowMs: atMs + 1 })[0] ?? '', /^\d\d:\d\d:\d\d\.123 /)
    assert.match(alertLines(alert, 120, plain, { nowMs: atMs + 2 * 86_400_000 })[0] ?? '', /^2023-11-1[45] \d\d:\d\d:\d\d\.123 /)
  })

  it('is not led astray by terminal escapes and line breaks in names, arguments and paths', () => {
    const evil = 'x\u001b[2J\n18:00:00.000  EMERGENCY forged'
    const alert = testAlert({ path: evil, rule: evil })
    const lines = alertLines({ ...alert, process: { ...alert.process, args: [evil] } }, 120, plain)
    assert.ok(lines.every((line) => !/[\u0000-\u001f]/.test(line)))
    assert.ok(!lines.some((line) => line.startsWith('18:00:00.000  EMERGENCY')))
  })

  it('never passes the width of the terminal', () => {
    const alert = testAlert({ path: `/${'d'.repeat(300)}` })
    for (const width of [60, 80, 120]) {
      const lines = alertLines({ ...alert, process: { ...alert.process, args: ['cat', 'a'.repeat(200), 'b'] } }, width, plain)
      assert.ok(lines.every((line) => line.length <= width))
    }
  })
})
