// The first line and the last lines of `eunomia run`.
import assert from 'node:assert/strict'
import { summaryLines, watchedText } from '../../../../cli/run/live-view.js'

const watched = {
  hostName: 'node-1',
  kernelRelease: '6.18.0',
  probes: [
    { name: 'process_exec', isAttached: true, error: null },
    { name: 'syscalls', isAttached: false, error: 'EPERM' },
  ],
  captureFile: null,
  rulesActive: 10,
  rulesWaiting: 0,
  rulesQuarantined: 0,
  containers: 1,
  deadSockets: [],
}
const stats = { published: 1234, lost: {}, inFlight: 0, spooled: 0, cpuUs: 500_000, processes: 10, bufferedBytes: 0 }

describe('the first line', () => {
  it('says what is watched', () => {
    assert.equal(watchedText(watched), 'watching node-1 (kernel 6.18.0): 1 of 2 probes attached, 10 rules, 1 container found. Ctrl-C ends.')
  })

  it("names the rules that can't fire", () => {
    assert.match(watchedText({ ...watched, rulesActive: 1, rulesWaiting: 9 }), /, 1 rule \(9 more can't fire yet\), /)
  })

  it('tells of rules that were kept out for their mistakes, and where one sees them', () => {
    assert.match(watchedText({ ...watched, rulesQuarantined: 2 }), /, 10 rules \(2 quarantined: see eunomia rules check\), /)
    assert.match(
      watchedText({ ...watched, rulesWaiting: 1, rulesQuarantined: 2 }),
      /10 rules \(1 more can't fire yet, 2 quarantined: see eunomia rules check\)/,
    )
  })

  it('says that no runtime answers, in place of a number that means nothing', () => {
    const text = watchedText({ ...watched, containers: 0, deadSockets: ['/run/docker.sock'] })
    assert.match(text, /, 10 rules, containers: no runtime answers at \/run\/docker\.sock\. Ctrl-C ends\.$/)
    const several = watchedText({ ...watched, containers: 0, deadSockets: ['/a.sock', '/b.sock', '/c.sock'] })
    assert.match(several, /no runtime answers at \/a\.sock or 2 other sockets\. /)
  })

  it('says that it is a recording', () => {
    assert.match(watchedText({ ...watched, captureFile: '/c/demo.capture' }), /: recorded in \/c\/demo\.capture, .* containers as recorded/)
  })
})

describe('the summary', () => {
  it('tells events, alerts, losses and CPU', () => {
    assert.deepEqual(summaryLines({ stats, alerts: 1, seconds: 10, waiting: 0 }), [
      '1234 events, 1 alert in 10.0 s',
      'lost: none',
      'CPU: 0.50 s (5.0 % of one core)',
    ])
  })

  it('names each kind that was lost, and what was not judged', () => {
    const lines = summaryLines({ stats: { ...stats, lost: { open: 7, exec: 1 } }, alerts: 0, seconds: 1, waiting: 3 })
    assert.equal(lines[1], 'lost: 7 open, 1 exec')
    assert.match(lines[3] ?? '', /^3 events still waited/)
  })
})
