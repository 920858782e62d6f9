// The redactor of the collector from its settings.
import { readFileSync } from 'node:fs'
import { compileExpression, Redactor } from '../collector/redaction/redactor.js'
import type { Config } from '../infra/config/config-schema.js'
import { messageOf, UsageError } from '../infra/process/errors.js'

const MIN_KEY = 16

/** Null when it is switched off. @throws UsageError for an expression or a key that cannot be used */
export function redactorOf({ enabled, expressions, key, keyFile }: Config['collector']['redaction']): Redactor | null {
  if (!enabled) return null
  const compiled = expressions.map((expression, index) => {
    try {
      return compileExpression(expression)
    } catch (error) {
      throw new UsageError(`collector.redaction.expressions: expression ${String(index + 1)} cannot be used: ${messageOf(error)}`, {
        cause: error,
      })
    }
  })
  return new Redactor({ expressions: compiled, key: keyOf(key, keyFile) })
}

function keyOf(key: string | null, keyFile: string | null): Uint8Array | null {
  const text = keyFile === null ? key : textOf(keyFile).trim()
  if (text === null) return null
  const bytes = Buffer.from(text)
  const name = keyFile === null ? 'key' : 'keyFile'
  if (bytes.length < MIN_KEY) throw new UsageError(`collector.redaction.${name}: the key is shorter than ${String(MIN_KEY)} bytes`)
  return bytes
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`collector.redaction.keyFile cannot be read: ${messageOf(error)}`, { cause: error })
  }
}
