// Lines of a timeline: each format as its reader takes it, whatever the texts of events are.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { TimelineEvent } from '../../../../../cli/past/timeline/timeline-event.js'
import { LINE_FORMATS, type LineFormat, lineWriter } from '../../../../../cli/past/timeline/timeline-formats.js'
import type { StoryEvent } from '../../../../../processors/forensics/story/story.js'
import { HostEvents } from '../../../../support/forensics/host-events.js'
import { SchemaCheck } from '../../../../support/json-schema/schema-check.js'
import { HOSTILE_TEXTS } from '../../../../support/records/hostile-alert.js'
import { skipWithoutCorpora } from '../../../../support/runner/skip-because.js'
import { sharedPath } from '../../../../support/shared-folder.js'
import { csvFields } from '../../../../support/system/csv-line.js'

function linesOf(format: LineFormat, events: readonly StoryEvent[], width = 400): { lines: string[]; cutTexts: number } {
  const writer = lineWriter(format, width)
  const lines = events.flatMap((event) => writer.line(event as TimelineEvent) ?? [])
  return { lines: [...(writer.heading === null ? [] : [writer.heading]), ...lines], cutTexts: writer.cutTexts }
}

/** A program with the text as argument, a file, a refused read, a connection, an end, an alert. */
function hostWith(text: string): HostEvents {
  const host = new HostEvents()
  const shell = host.exec(host.fork(host.init(), 500), ['/bin/sh', text], { user: text, cwd: text })
  host.file(shell, text, { isWrite: true })
  host.file(shell, '/etc/shadow', { result: -13 })
  host.network(shell, { remoteName: text })
  host.alert(shell, { rule: text, output: text })
  host.exit(shell, { exitCode: 3 })
  return host
}

describe('the formats of a timeline', () => {
  it('are one line for each event, and on a terminal no wider than it, for all texts', () => {
    for (const text of HOSTILE_TEXTS) {
      const { events } = hostWith(text)
      for (const format of LINE_FORMATS) {
        const { lines } = linesOf(format, events, 120)
        for (const line of lines) assert.ok(!/[\r\n]/.test(line), format)
        if (format === 'table')
          for (const line of lines) assert.ok([...line].length <= 120 && !/[\u0000-\u001f\u007f-\u009f\u202e]/.test(line))
        if (format !== 'table' && format !== 'csv') for (const line of lines) JSON.parse(line)
      }
    }
  })

  it('for Timesketch have message, datetime with microseconds and timestamp_desc, and flat values', () => {
    const { events } = hostWith('a')
    const [, exec, , refused] = linesOf('timesketch', events).lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.equal(exec?.['message'], 'sh (500, a) exec /bin/sh a')
    assert.equal(exec['datetime'], '2026-11-28T06:00:00.002000+00:00')
    assert.deepEqual([exec['timestamp_desc'], exec['data_type']], ['Event: exec', 'eunomia:process:exec'])
    assert.deepEqual([exec['pid'], exec['args'], exec['parent_name']], [500, '/bin/sh a', 'systemd'])
    assert.equal(refused?.['message'], 'sh (500, a) open-read /etc/shadow (EACCES)')
    for (const value of Object.values(exec)) assert.notEqual(typeof value, 'object')
  })

  it('for Timesketch have no keyword beyond 32,766 bytes, cut between characters, and count the cuts', () => {
    const { lines, cutTexts } = linesOf('timesketch', hostWith('€'.repeat(12_000)).events)
    assert.ok(cutTexts >= 5)
    for (const line of lines)
      for (const value of Object.values(JSON.parse(line) as Record<string, unknown>)) {
        if (typeof value !== 'string') continue
        assert.ok(Buffer.byteLength(value) <= 32_766)
        assert.ok(!value.includes('\ufffd'))
      }
  })

  it('as CSV have the columns of the heading, and no cell that a spreadsheet would compute', () => {
    for (const text of ["=cmd|' /C calc'!A0", '+1+1', '-2+3', '@SUM(1)', '\t=1', '|x', '＝1+1', '＠x', 'a","b', 'plain']) {
      const [heading = '', ...rows] = linesOf('csv', hostWith(text).events).lines
      const names = csvFields(heading)
      for (const row of rows) {
        const cells = csvFields(row)
        assert.equal(cells.length, names.length)
        for (const cell of cells) assert.ok(!/^[=+@\t|＝＋－＠]/.test(cell) && (!cell.startsWith('-') || /^-\d+$/.test(cell)), cell)
      }
      const cwd = csvFields(rows[1] ?? '')[names.indexOf('cwd')]
      assert.ok(cwd === text || cwd === `'${text}` || text.startsWith('\t'), cwd)
    }
  })

  it('as OCSF are process activities by its own schema, and findings for alerts', function () {
    const path = sharedPath('corpora', 'ocsf', 'process_activity.schema.json')
    if (path === null) return skipWithoutCorpora(this)
    const check = new SchemaCheck(JSON.parse(readFileSync(path, 'utf8')) as object, { isClosed: true })
    for (const text of HOSTILE_TEXTS) {
      const made = linesOf('ocsf', hostWith(text).events).lines.map(
        (line) => JSON.parse(line) as { class_uid: number; activity_id: number },
      )
      assert.deepEqual(
        made.map(({ class_uid: kind, activity_id: activity }) => [kind, activity]),
        [
          [1007, 1],
          [1007, 1],
          [1001, 3],
          [1001, 2],
          [4001, 1],
          [2004, 1],
          [1007, 2],
        ],
      )
      for (const activity of made.filter(({ class_uid: kind }) => kind === 1007)) assert.deepEqual(check.problems(activity), [])
    }
  })

  it('as a table of several days have the date', () => {
    const [event] = hostWith('a').events
    assert.ok(event !== undefined)
    assert.match(lineWriter('table', 200, true).line(event as TimelineEvent) ?? '', /^2026-11-28T06:00:00\.001000 node-17/)
    assert.match(lineWriter('table', 200).line(event as TimelineEvent) ?? '', /^06:00:00\.001000 node-17/)
  })
})
