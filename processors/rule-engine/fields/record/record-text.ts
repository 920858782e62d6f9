// Texts of a record as bytes. The record holds Unicode text, and beside it (`raw`) the exact bytes of texts that are no UTF-8.
import { byteTextOf, toByteText } from '../../text/byte-text.js'
import type { RuleRecord } from '../../judged-event.js'

/**
 * @param name of the text in the record: `path`, `process.args.2`
 * @param text as the record holds it; null for absent
 */
export function recordText(event: RuleRecord, name: string, text: string): string
export function recordText(event: RuleRecord, name: string, text: string | null): string | undefined
export function recordText(event: RuleRecord, name: string, text: string | null): string | undefined {
  if (text === null) return undefined
  const exact = event.record.raw?.[name]
  return exact === undefined ? toByteText(text) : byteTextOf(exact)
}

/** Arguments from the second on, joined with blanks. */
export function joinedArguments(event: RuleRecord, name: string, list: readonly string[]): string {
  let joined = ''
  for (let i = 1; i < list.length; i++) joined += (i > 1 ? ' ' : '') + recordText(event, `${name}.${String(i)}`, list[i] ?? '')
  return joined
}

/** A command line as Falco means it: the command name (not argv[0]), then the arguments. */
export function commandLine(commandName: string, args: string): string {
  return args === '' ? commandName : `${commandName} ${args}`
}
