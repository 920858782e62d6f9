// Container runtimes run from a copy of themselves that no folder names (memfd, a detached mount), so that a container can't overwrite them.
// The copy is what the runtime was: it alone started it, with the host's files in view, before anything of the container ran. Other programs of
// the host, such as sudo or env, start what their caller names: what they run from memory is not their own.
// containerd sets a variable of the dynamic linker for what it starts, which is then no choice of anybody else.
import { EXE_FLAGS } from '../../schemas/generated/exe-flags.js'
import { originOf, programName } from '../../schemas/program-origin.js'
import type { TaskFacts } from '../ring-events/task-facts.js'
import type { ProcessImage } from './process-entry.js'
import { exePathOf, type ProcessTexts } from './process-texts.js'

const { memfd, unlinked, foreignMount, hostNamespace, steered, interpreted, copy, runtimePath } = EXE_FLAGS
/** Runtimes that copy themselves. */
const COPIES_ITSELF: ReadonlySet<string> = new Set(['runc', 'docker-runc', 'crun', 'lxc-attach'])

/** containerd, and what passes its environment on. */
const HAS_RUNTIME_PATH = /^(containerd|containerd-shim(-.+)?|runc|docker-runc|crun)$/

const decoder = new TextDecoder('latin1')

/** Texts of an exec; for a copy, `facts` and texts keep the origin of what the process ran before. */
export function keepOrigin(before: ProcessImage | null, facts: TaskFacts, euid: number, texts: ProcessTexts): ProcessTexts {
  if ((facts.exeFlags & runtimePath) !== 0 && before !== null && HAS_RUNTIME_PATH.test(hostProgramOf(before))) facts.exeFlags &= ~steered
  const { exeFlags } = facts
  const isNameless = (exeFlags & (memfd | unlinked | foreignMount)) !== 0
  if (before === null || !isNameless || euid !== 0 || (exeFlags & hostNamespace) === 0) return texts
  if ((exeFlags & (steered | interpreted)) !== 0 || facts.exeSize !== before.facts.exeSize) return texts
  if (!COPIES_ITSELF.has(hostProgramOf(before))) return texts
  facts.exeFlags = before.facts.exeFlags | copy | (exeFlags & memfd)
  return { ...texts, program: before.texts.program ?? exePathOf(before.texts) }
}

/** File name of a program that is proven to be one of the host; else empty. */
function hostProgramOf({ facts, texts }: ProcessImage): string {
  const known = { exePath: textOf(exePathOf(texts)), program: textOf(texts.program) }
  return originOf({ flags: facts.exeFlags, ...known, isInContainer: true }) === 'host' ? programName(known.exePath, known.program) : ''
}

const textOf = (path: Uint8Array | null): string | null => (path === null ? null : decoder.decode(path))
