// The end of a command: an error may contain any text, which must not control the terminal.
import assert from 'node:assert/strict'
import { EXIT, failureOf } from '../../../cli/lifecycle.js'
import { KafkaUnreachableError } from '../../../infra/kafka/kafka-errors.js'
import { UsageError } from '../../../infra/process/errors.js'

const HOSTILE = '\u001b[2J\u009b31m\u202e\neunomia: all is well'
const SHOWN = '\\x1b[2J\\x9b31m\\u202e\n  eunomia: all is well'

describe('the failure of a command', () => {
  it('shows our errors harmless, further lines of them indented', () => {
    const { status, text } = failureOf(new UsageError(HOSTILE))
    assert.equal(status, EXIT.userMistake)
    assert.ok(text?.endsWith(`${SHOWN}\n`), text ?? 'no text')
  })

  it('names what helps against a service that does not answer', () => {
    const { text } = failureOf(new KafkaUnreachableError('topics can not be created'))
    assert.ok(
      text?.endsWith('topics can not be created\n(check kafka.brokers; to start a Kafka here: eunomia stack up)\n'),
      text ?? 'no text',
    )
  })

  it('shows the stack of a bug line by line, harmless', () => {
    const { status, text } = failureOf(new TypeError(HOSTILE))
    assert.equal(status, EXIT.failed)
    assert.ok(
      text?.startsWith(`eunomia: a bug in Eunomia; please report it with the following\nTypeError: ${SHOWN}\n      at `),
      text ?? 'no text',
    )
  })

  it('shows what is thrown and is no error harmless, too', () => {
    assert.ok(failureOf(HOSTILE).text?.endsWith(`\n${SHOWN}\n`))
  })
})
