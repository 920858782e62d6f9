// The log of a part whose warnings a person at a terminal must understand at once: a sentence with its reason and its mend, no fields.
import type { Logger } from '../../infra/process/logger.js'
import { printable } from '../../infra/text/printable.js'
import { wrap } from './terminal-text.js'

/**
 * A log like `log`, but for warnings with a `reason`: these are wrapped text.
 * @param write takes whole lines
 * @param mend what can be done, a sentence
 */
export function plainWarnings(log: Logger, write: (text: string) => void, width: number, mend: string): Logger {
  return {
    debug: (facts, message) => log.debug(facts, message),
    info: (facts, message) => log.info(facts, message),
    warn: (facts, message) => {
      const { reason } = facts
      if (typeof reason !== 'string') log.warn(facts, message)
      else write(`${wrap(`warning: ${message} (${printable(reason)}). ${mend}`, width).join('\n')}\n`)
    },
    error: (facts, message) => log.error(facts, message),
  }
}
