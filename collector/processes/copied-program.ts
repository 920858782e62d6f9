// Container runtimes run from a copy of themselves that no folder names (memfd, a detached mount), so that a container can't overwrite them.
// The copy is what the runtime was: it alone started it, with the host's files in view, before anything of the container ran. Other programs of
// the host, such as sudo or env, start what their caller names: what they run from memory is not their own.
// containerd sets a variable of the dynamic linker for what it starts on the host, which is then no choice of anybody else. What a runtime starts
// in a container has the variables that the container is configured with.
import { EXE_FLAGS } from '../../schemas/generated/exe-flags.js'
import { originOf, programName } from '../../schemas/program-origin.js'
import type { TaskFacts } from '../ring-events/task-facts.js'
import type { ProcessImage } from './process-entry.js'
import { exePathOf, type ProcessTexts } from './process-texts.js'

const { memfd, unlinked, foreignMount, hostRoot, hostNamespace, steered, interpreted, copy, runtimePath } = EXE_FLAGS
/** The process sees the files of the host. */
const ON_HOST = hostRoot | hostNamespace
/** Runtimes that copy themselves. */
const COPIES_ITSELF: ReadonlySet<string> = new Set(['runc', 'docker-runc', 'crun', 'lxc-attach'])

/** containerd, and what passes its environment on. */
const HAS_RUNTIME_PATH = /^(containerd|containerd-shim(-.+)?|runc|docker-runc|crun)$/

const decoder = new TextDecoder('latin1')

/** Texts of an exec; for a copy, `facts` and texts keep the origin of what the process ran before. */
export function keepOrigin(before: ProcessImage | null, facts: TaskFacts, euid: number, texts: ProcessTexts): ProcessTexts {
  if (hasRuntimePath(before, facts.exeFlags)) facts.exeFlags &= ~steered
  const { exeFlags } = facts
  const isNameless = (exeFlags & (memfd | unlinked | foreignMount)) !== 0
  if (before === null || !isNameless || euid !== 0 || (exeFlags & hostNamespace) === 0) return texts
  if ((exeFlags & (steered | interpreted)) !== 0 || facts.exeSize !== before.facts.exeSize) return texts
  if (!COPIES_ITSELF.has(hostProgramOf(before))) return texts
  facts.exeFlags = before.facts.exeFlags | copy | (exeFlags & memfd)
  return { ...texts, program: before.texts.program ?? exePathOf(before.texts) }
}

/** Whether only the variable of containerd steers the new program, and what containerd started on the host set it. */
function hasRuntimePath(before: ProcessImage | null, exeFlags: number): boolean {
  if ((exeFlags & runtimePath) === 0 || (exeFlags & ON_HOST) !== ON_HOST) return false
  return before !== null && HAS_RUNTIME_PATH.test(hostProgramOf(before))
}

/** File name of a program that is proven to be one of the host; else empty. */
function hostProgramOf({ facts, texts }: ProcessImage): string {
  const known = { exePath: textOf(exePathOf(texts)), program: textOf(texts.program) }
  return originOf({ flags: facts.exeFlags, ...known, isInContainer: true }) === 'host' ? programName(known.exePath, known.program) : ''
}

const textOf = (path: Uint8Array | null): string | null => (path === null ? null : decoder.decode(path))
