// Log lines: JSON with a fixed message and facts, our errors with their codes, and no line broken by external text.
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { PortInUseError } from '../../../../infra/process/errors.js'
import { createLog } from '../../../../infra/process/log.js'
import type { Logger } from '../../../../infra/process/logger.js'

// All except the line break at the end of a line.
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/

function linesOf(write: (log: Logger) => void, level: 'info' | 'debug' = 'info'): Record<string, unknown>[] {
  const stream = new PassThrough()
  write(createLog({ level, isPretty: false, destination: stream }))
  let text = ''
  for (let part: unknown = stream.read(); part !== null; part = stream.read()) text += String(part)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('the log', () => {
  it('writes one JSON object per line: level by name, time, message, facts', () => {
    const [line] = linesOf((log) => log.info({ topic: 'process', records: 3 }, 'records published'))
    assert.equal(line?.['msg'], 'records published')
    assert.equal(line['records'], 3)
    assert.equal(line['level'], 'info')
    assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT/)
  })

  it('omits lines below its level', () => {
    assert.equal(linesOf((log) => log.debug({}, 'not now')).length, 0)
    assert.equal(linesOf((log) => log.debug({}, 'now'), 'debug').length, 1)
  })

  it('logs our errors with code and details but without a stack, all others with it', () => {
    const [ours, bug] = linesOf((log) => {
      log.error({ err: new PortInUseError('port 9 is taken', { details: { port: 9 } }) }, 'failed')
      log.error({ err: new TypeError('undefined is not a function') }, 'failed')
    })
    assert.deepEqual(ours?.['err'], { code: 'EUNOMIA_PORT_IN_USE', message: 'port 9 is taken', port: 9 })
    assert.match(JSON.stringify(bug?.['err']), /"stack":"TypeError: undefined/)
  })

  it('escapes line breaks and terminal escapes of external text', () => {
    const lines = linesOf((log) => log.warn({ comm: 'a\n{"level":60}\u001b[2J' }, 'odd name'))
    assert.equal(lines.length, 1)
    assert.equal(lines[0]?.['comm'], 'a\n{"level":60}\u001b[2J')
  })

  it('escapes what JSON allows but a terminal interprets, without changing the text', () => {
    const stream = new PassThrough()
    const comm = 'a\u009b2J\u007f\u202e\u2066\u2028größe'
    createLog({ level: 'info', isPretty: false, destination: stream }).warn({ comm }, comm)
    const text = String(stream.read())
    assert.doesNotMatch(text, OBEYED)
    assert.match(text, /\\u009b2J\\u007f\\u202e\\u2066\\u2028größe/)
    assert.deepEqual([(JSON.parse(text) as { comm: string }).comm, (JSON.parse(text) as { msg: string }).msg], [comm, comm])
  })

  it('prints no control character, and no line from external text, in readable form', () => {
    const hostile = 'a\n[00:00:00.000] ERROR: forged\r\u001b[2J\u009b31m\u202e\u2066'
    const thrown = [new TypeError(hostile), new PortInUseError(hostile), { stack: hostile, type: 'Error' }, hostile]
    for (const facts of [
      ...thrown.map((err) => ({ err })),
      { name: hostile },
      { [hostile]: [{ [hostile]: hostile }] },
      { stack: hostile },
    ]) {
      const stream = new PassThrough()
      createLog({ level: 'info', isPretty: true, destination: stream }).error(facts, hostile)
      const text = String(stream.read())
      assert.doesNotMatch(text.replaceAll('\u001b[39m', ''), OBEYED)
      assert.doesNotMatch(text, /^\s*\[00:00:00/m)
      assert.match(text, /a\\n\[00:00:00\.000\] ERROR: forged\\r\\x1b\[2J\\x9b31m\\u202e\\u2066/)
    }
  })

  it('prints our errors in one readable line', () => {
    const stream = new PassThrough()
    const log = createLog({ level: 'info', isPretty: true, destination: stream })
    log.error({ err: new PortInUseError('port 9 is taken', { details: { port: 9 } }) }, 'failed')
    assert.match(String(stream.read()), /failed.*\n.*err: .*port 9 is taken \(EUNOMIA_PORT_IN_USE\)/)
  })
})
