// Warnings for a person at a terminal.
import assert from 'node:assert/strict'
import { plainWarnings } from '../../../../cli/terminal/plain-warnings.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'

describe('a warning at a terminal', () => {
  const written: string[] = []
  const passed: string[] = []
  const log = { ...SILENT_LOGGER, warn: (_facts: object, message: string) => void passed.push(message) }
  const plain = plainWarnings(log, (text) => void written.push(text), 40, 'Start Docker.')

  it('is a wrapped sentence with its reason and what can be done', () => {
    plain.warn({ runtime: 'docker', reason: 'connect ENOENT\u001b[2J' }, 'containers have no names')
    assert.deepEqual(written, ['warning: containers have no names\n(connect ENOENT\\x1b[2J). Start Docker.\n'])
    assert.deepEqual(passed, [])
  })

  it('goes to the log as it is when it has no reason', () => {
    plain.warn({}, 'something else')
    assert.deepEqual(passed, ['something else'])
  })
})
