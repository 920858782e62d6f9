// Texts of a record as bytes. A record holds Unicode text, and in `raw` the exact bytes of texts that are not UTF-8.
import { byteTextOf, toByteText } from '../../text/byte-text.js'
import type { RuleRecord } from '../rule-event.js'

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

/** One text of a list in the record. @param name of the list: `process.args` */
export function recordTextAt(event: RuleRecord, name: string, index: number, text: string): string {
  // The name is only built if some text is not UTF-8.
  return event.record.raw === null ? toByteText(text) : recordText(event, `${name}.${String(index)}`, text)
}

/** Texts of a list in the record, from an index on. @param name of the list: `process.args` */
export function recordTexts(event: RuleRecord, name: string, list: readonly string[], start = 0): string[] {
  const texts = start === 0 ? list : list.slice(start)
  if (event.record.raw === null) return texts.map(toByteText)
  return texts.map((text, index) => recordTextAt(event, name, start + index, text))
}

/** Texts of a list in the record, from an index on, joined with spaces. @param name of the list: `process.args` */
export function joinedTexts(event: RuleRecord, name: string, list: readonly string[], start = 0): string {
  if (event.record.raw !== null) return recordTexts(event, name, list, start).join(' ')
  return toByteText((start === 0 ? list : list.slice(start)).join(' '))
}

/** Arguments from the second on, joined with spaces. */
export function joinedArguments(event: RuleRecord, name: string, list: readonly string[]): string {
  return joinedTexts(event, name, list, 1)
}

/** A command line in Falco's sense: the command name (not argv[0]), then the arguments. */
export function commandLine(commandName: string, args: string): string {
  return args === '' ? commandName : `${commandName} ${args}`
}
