// Conversion of a rule to the other language: the exact equivalent, or the reason why there is none. Only fields that mean the same in both
// languages, byte for byte and for every program start, are converted. Fields that sound alike do not: Falco's proc.cmdline begins with the
// command name, Sigma's CommandLine with the first argument; proc.cwd ends with a slash.

/** Thrown when a rule has no exact equivalent; the message is the reason. */
export class Inexact extends Error {}

/** The converted rule as a YAML document, or the reason why there is none. */
export type Conversion = { readonly isExact: true; readonly document: object } | { readonly isExact: false; readonly reason: string }

/** Runs a conversion. The first part without an equivalent ends it. */
export function converted(convert: () => object): Conversion {
  try {
    return { isExact: true, document: convert() }
  } catch (error) {
    if (error instanceof Inexact) return { isExact: false, reason: error.message }
    throw error
  }
}

/** Sigma's log source category of successful program starts. */
export const START_CATEGORY = 'process_creation'
/** The same as a Falco condition. */
export const START_CONDITION = 'evt.type in (execve, execveat) and evt.rawres >= 0'

/** Falco's name for each name of Sigma. */
const FALCO_NAMES: Readonly<Record<string, string>> = {
  Image: 'proc.exepath',
  CommandLine: 'proc.exeline',
  ParentImage: 'proc.pexepath',
  User: 'user.name',
}

/** Falco's name of a Sigma field; undefined if no field is the same. */
export function falcoNameOf(sigmaName: string): string | undefined {
  return Object.hasOwn(FALCO_NAMES, sigmaName) ? FALCO_NAMES[sigmaName] : undefined
}

/** Sigma's name of a Falco field; undefined if no field is the same. */
export function sigmaNameOf(falcoName: string): string | undefined {
  return Object.keys(FALCO_NAMES).find((name) => FALCO_NAMES[name] === falcoName)
}

/** All pairs of names. */
export function exactFields(): readonly (readonly [sigma: string, falco: string])[] {
  return Object.entries(FALCO_NAMES)
}
