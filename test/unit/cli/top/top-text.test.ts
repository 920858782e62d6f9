// A view on a terminal: names are anybody's, lines fit, what is not known is a dash.
import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { TopScreen } from '../../../../cli/top/run-top.js'
import { type Look, type TopRow, type TopView, topView, whyNoRates } from '../../../../cli/top/top-rows.js'
import { type TopSurroundings, roomForRows, topLines, topObject } from '../../../../cli/top/top-text.js'
import { noEvents } from '../../../../collector/processes/event-counts.js'

const EVIL = 'x\u001b[2J\nfake\r\u202e'
const EVENTS = { process: 1, file: 250, network: 0, kernel: 0.5 }
const row = (more: Partial<TopRow> = {}): TopRow => ({
  ...{ pid: 42, process: 'nginx', cpuPercent: 12.34, rssBytes: 3 * 2 ** 20, events: EVENTS },
  ...{ containerId: 'ab'.repeat(32), name: 'web', image: 'nginx', claim: 'ab'.repeat(32) },
  ...more,
})
const view = (rows: readonly TopRow[], more: Partial<TopView> = {}): TopView => ({
  rows,
  rest: { processes: 0, cpuPercent: 0, rssBytes: 0, events: null },
  total: EVENTS,
  ...more,
})
const around = (more: Partial<TopSurroundings> = {}): TopSurroundings => ({
  ...{ time: new Date(2026, 0, 31, 12, 30, 5), processes: 7, containers: 1, cpus: 2, leftOut: 0 },
  problems: [],
  commandLineOf: () => 'nginx -g daemon off;',
  ...more,
})

describe('top as text', () => {
  it('shows the host, then each process with its container and its rates by topic', () => {
    const [host, , titles, first] = topLines(view([row()]), around(), 140)
    assert.equal(host, '12:30:05, 7 processes, 1 container, 2 CPUs, 252 events/s (process 1.0, file 250, network 0, kernel 0.5)')
    assert.match(titles ?? '', /^ +PID +CPU% +RSS +EVENTS\/S +PROCESS +FILE +NETWORK +KERNEL +CONTAINER +COMMAND$/)
    assert.match(first ?? '', /^ +42 +12\.3 +3M +252 +1\.0 +250 +0 +0\.5 web +nginx -g daemon off;$/)
  })

  it('leaves out the topics where lines are short, so that there is room for the command', () => {
    const lines = topLines(view([row()]), around(), 80)
    assert.match(lines[3] ?? '', /^ +42 +12\.3 +3M +252 web +nginx -g/)
    assert.ok(lines.every((line) => line.length <= 80))
  })

  it('has a dash for what is not known, and says why', () => {
    const problems = ['no event rates: no collector is running; start `eunomia run` or `eunomia collect`, or name its socket']
    const lines = topLines(view([row({ cpuPercent: null, events: null })], { total: null }), around({ problems }), 80)
    assert.equal(lines.slice(1, 3).join(' '), problems[0])
    assert.match(lines.at(-1) ?? '', /^ +42 +- +3M +- web/)
    assert.doesNotMatch(lines[0] ?? '', /events/)
  })

  it('has one harmless line for a process, whatever its name, arguments and container are', () => {
    const rows = [row({ name: EVIL, process: EVIL }), row({ name: 'n'.repeat(5000) })]
    for (const command of [EVIL, 'c'.repeat(10_000), null]) {
      const lines = topLines(view(rows), around({ commandLineOf: () => command, problems: [EVIL] }), 120)
      assert.ok(lines.every((line) => line.length <= 120 && !/[\u0000-\u001f\u202e]/.test(line)))
      assert.equal(lines.length, 6)
    }
  })

  it('marks a container that no runtime confirmed, and names a kernel thread in brackets', () => {
    const [claimed, host] = topLines(
      view([row({ containerId: null, name: null, claim: 'cd'.repeat(32) }), row({ containerId: null, claim: null, process: 'kthreadd' })]),
      around({ commandLineOf: () => null }),
      120,
    ).slice(3)
    assert.match(claimed ?? '', / cdcdcdcdcdcd\? +\[nginx\]$/)
    assert.match(host ?? '', / 0\.5 {22}\[kthreadd\]$/)
  })

  it('has as many rows as the screen has room for, including the lines around them', () => {
    for (const problems of [[], ['a reason'], ['long '.repeat(40), 'another']]) {
      const surroundings = around({ problems })
      const rows = Array.from({ length: roomForRows(surroundings, 80, 24) }, () => row())
      const rest = { processes: 3, cpuPercent: 0, rssBytes: 0, events: null }
      // The cursor is in the last of the 24.
      assert.equal(topLines(view(rows, { rest }), surroundings, 80).length, 23)
    }
    assert.equal(roomForRows(around(), 80, 3), 1)
  })

  it('sums the others, and reports what was not read', () => {
    const rest = { processes: 3, cpuPercent: 1.5, rssBytes: 2 ** 31, events: EVENTS }
    const lines = topLines(view([row()], { rest }), around({ leftOut: 9 }), 140)
    assert.equal(lines.at(-1), 'and 3 more processes: CPU 1.5 %, RSS 2.0G, 252 events/s')
    assert.match(lines[0] ?? '', /, 9 processes not sampled$/)
  })
})

describe('the screen of top', () => {
  class Output extends Writable {
    text = ''
    readonly isTTY: boolean
    constructor(isTTY: boolean) {
      super()
      this.isTTY = isTTY
    }
    override _write(chunk: Buffer, _encoding: string, done: () => void): void {
      this.text += chunk.toString()
      done()
    }
  }

  it('draws over the last view on a terminal, without wrapping', () => {
    const output = new Output(true)
    const screen = new TopScreen(output)
    screen.draw(['a', 'b', 'c'])
    screen.draw(['d'])
    screen.draw(['e'])
    assert.equal(
      output.text,
      '\u001b[?7la\nb\nc\n\u001b[?7h\u001b[?7l\u001b[3F\u001b[Jd\n\u001b[?7h\u001b[?7l\u001b[1F\u001b[Je\n\u001b[?7h',
    )
  })

  it('prints one view after the other on a pipe, and no escapes', () => {
    const output = new Output(false)
    const screen = new TopScreen(output)
    screen.draw(['a', 'b'])
    screen.draw(['c'])
    assert.equal(output.text, 'a\nb\n\nc\n')
  })
})

function look(atMs: number, startedAtUs: number | null): Look {
  const activity = startedAtUs === null ? null : { bootId: 'b', startedAtUs, processes: [], total: noEvents() }
  return {
    sample: { atMs, processes: new Map(), leftOut: 0 },
    containers: new Map(),
    activity,
    refused: activity === null ? null : {},
    activityAtMs: atMs,
  }
}

const printed = (before: Look, now: Look, reason: string | null): Readonly<Record<string, unknown>> => {
  const because = { events: whyNoRates(before, now, reason), names: null }
  return topObject(topView(before, now, { sort: 'cpu', rows: 1 }), now, {}, because, () => null)
}

describe('the JSON of top', () => {
  it('has rates and no reason between two looks at the same collector', () => {
    const { total, noEventsBecause } = printed(look(1000, 1), look(2000, 1), null)
    assert.deepEqual([total, noEventsBecause], [noEvents(), null])
  })

  for (const [what, before] of [
    ['another collector', look(1000, 1)],
    ['no collector', look(1000, null)],
  ] as const) {
    it(`says why there are no rates when ${what} was there before`, () => {
      const { total, noEventsBecause } = printed(before, look(2000, 2), null)
      assert.equal(total, null)
      assert.match(String(noEventsBecause), /collector was started in between/)
    })
  }

  it('says what the collector said instead of an answer', () => {
    assert.equal(printed(look(1000, 1), look(2000, null), 'it is away')['noEventsBecause'], 'it is away')
  })
})
