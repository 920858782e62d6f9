// What becomes of a rule that is to be written in the other language: a rule that means exactly the same, or why there is none.
// + Fields that hold the same in both languages, byte for byte, for every start of a program. Others that sound alike do not: Falco's
// + proc.cmdline begins with the command name, Sigma's CommandLine with the first argument; proc.cwd ends with a slash.

/** Why a rule can't be written exactly in the other language. */
export class Inexact extends Error {}

/** A rule as a YAML document, ready to be printed. */
export type Conversion = { readonly isExact: true; readonly document: object } | { readonly isExact: false; readonly reason: string }

/** Runs a conversion; the first part that has no equal ends it. */
export function converted(convert: () => object): Conversion {
  try {
    return { isExact: true, document: convert() }
  } catch (error) {
    if (error instanceof Inexact) return { isExact: false, reason: error.message }
    throw error
  }
}

/** What both languages call a start of a program that succeeded. */
export const START_CATEGORY = 'process_creation'
/** The same in Falco's language. */
export const START_CONDITION = 'evt.type in (execve, execveat) and evt.rawres >= 0'

/** Sigma's name to Falco's. */
const FALCO_NAMES: Readonly<Record<string, string>> = {
  Image: 'proc.exepath',
  CommandLine: 'proc.exeline',
  ParentImage: 'proc.pexepath',
  User: 'user.name',
}

/** Falco's name of a field of Sigma; undefined when none is the same. */
export function falcoNameOf(sigmaName: string): string | undefined {
  return Object.hasOwn(FALCO_NAMES, sigmaName) ? FALCO_NAMES[sigmaName] : undefined
}

/** Sigma's name of a field of Falco; undefined when none is the same. */
export function sigmaNameOf(falcoName: string): string | undefined {
  return Object.keys(FALCO_NAMES).find((name) => FALCO_NAMES[name] === falcoName)
}

/** Pairs of names. */
export function exactFields(): readonly (readonly [sigma: string, falco: string])[] {
  return Object.entries(FALCO_NAMES)
}
