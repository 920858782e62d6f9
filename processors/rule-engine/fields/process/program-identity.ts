// What a process runs, told apart by proof: the origin of its executable from facts of the kernel, and all names that it goes by, which
// prove nothing. Rules exempt by origin and search by names.
import type { Ancestor, Process } from '../../../../schemas/generated/types.js'
import { originOf, programName, type ProgramOrigin } from '../../../../schemas/program-origin.js'
import type { RuleRecord } from '../rule-event.js'
import { recordText } from '../record/record-text.js'
import { lineageValue } from './process-lineage.js'

/** The process (0) or an ancestor (1: the parent); undefined when that generation is not known. */
function generationOf({ record: { process } }: RuleRecord, generation: number): Process | Ancestor | undefined {
  return generation === 0 ? process : process.ancestors[generation - 1]
}

/** It may be in one: what is not known proves nothing. */
const isInContainer = ({ record: { process } }: RuleRecord): boolean =>
  process.containerId !== null || process.containerClaim !== null || process.isContainerUnknown

/** Where the program of a generation provably comes from; undefined for no proof. */
export function programOrigin(event: RuleRecord, generation: number): ProgramOrigin | undefined {
  const found = generationOf(event, generation)
  if (found === undefined) return undefined
  const { exeFlags: flags, exePath, program } = found
  return originOf({ flags, exePath, program, isInContainer: isInContainer(event) }) ?? undefined
}

/** File name of the program of a generation, if its origin is proven, or is the host; else undefined. */
export function provenProgram(event: RuleRecord, generation: number, wanted: ProgramOrigin | 'any'): string | undefined {
  const origin = programOrigin(event, generation)
  if (origin === undefined || (wanted !== 'any' && origin !== wanted)) return undefined
  return programName(exePathOf(event, generation) ?? null, scriptOf(event, generation) ?? null)
}

const exePathOf = (event: RuleRecord, generation: number): string | undefined => textOf(lineageValue(event, generation, 'exePath'))
const textOf = (value: string | number | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

/** The script of a generation, or what its program was copied from, as given. */
export function scriptOf(event: RuleRecord, generation: number): string | undefined {
  const name = generation === 0 ? 'process.program' : `process.ancestors.${String(generation - 1)}.program`
  return recordText(event, name, generationOf(event, generation)?.program ?? null)
}

const LINKER = /^(ld-linux|ld-musl|ld64|ld\.so)/
const MANY_PROGRAMS = /^(busybox|toybox)/

/** Whether an executable runs the program that its first operand names: the dynamic linker, and busybox when it is called by its own name. */
function isStarter(file: string, args: readonly string[]): boolean {
  return LINKER.test(file) || (MANY_PROGRAMS.test(file) && MANY_PROGRAMS.test(programName(args[0] ?? null, null)))
}

/** The kernel cuts command names at this length. */
const COMMAND_NAME_BYTES = 15

/**
 * Each name that a generation goes by: its command name, and the file names of its executable, of its script, and of the process itself also
 * of its first argument, and of what a dynamic linker or busybox was given. Each also cut as command names are. undefined for none.
 */
export function namesOf(event: RuleRecord, generation: number): string[] | undefined {
  const names: string[] = []
  const exePath = exePathOf(event, generation)
  addName(names, lineageValue(event, generation, 'name'))
  addFile(names, exePath)
  addFile(names, scriptOf(event, generation))
  if (generation === 0) {
    const { args } = event.record.process
    addFile(names, lineageValue(event, 0, 'exe'))
    if (exePath !== undefined && isStarter(programName(exePath, null), args)) addFile(names, firstOperand(event, args))
  }
  return names.length === 0 ? undefined : names
}

function addName(names: string[], name: string | number | undefined): void {
  if (typeof name !== 'string' || name === '' || names.includes(name)) return
  names.push(name)
  if (name.length > COMMAND_NAME_BYTES) addName(names, name.slice(0, COMMAND_NAME_BYTES))
}

function addFile(names: string[], path: string | number | undefined): void {
  if (typeof path === 'string') addName(names, path.slice(path.lastIndexOf('/') + 1))
}

function firstOperand(event: RuleRecord, args: readonly string[]): string | undefined {
  const index = args.findIndex((argument, at) => at > 0 && !argument.startsWith('-'))
  return index < 0 ? undefined : recordText(event, `process.args.${String(index)}`, args[index] ?? null)
}

/** What a function finds for each ancestor, parent first; undefined when it finds nothing. */
export function ofAncestors<Value extends string>(
  event: RuleRecord,
  find: (event: RuleRecord, generation: number) => Value | readonly Value[] | undefined,
): Value[] | undefined {
  const values: Value[] = []
  const { length } = event.record.process.ancestors
  for (let generation = 1; generation <= length; generation++) {
    const found = find(event, generation)
    if (typeof found === 'string') values.push(found)
    else if (found !== undefined) values.push(...found)
  }
  return values.length === 0 ? undefined : values
}
