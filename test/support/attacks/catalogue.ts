// All attacks that `npm run attacks` runs, in the order of docs/coverage.md.
import type { Attack, AttackFamily } from './attack.js'
import { FILE_DETOURS } from './detours-files.js'
import { KERNEL_DETOURS } from './detours-kernel.js'
import { PROGRAM_DETOURS } from './detours-programs.js'
import { EVASION } from './evasion.js'
import { EXECUTION } from './execution.js'
import { FILES } from './files.js'
import { KERNEL, MEMORY, NAMESPACES, PRIVILEGES } from './kernel.js'
import { NETWORK } from './network.js'

/** Families of attacks. */
export const ATTACK_FAMILIES: readonly AttackFamily[] = [
  ...[EXECUTION, FILES, NETWORK, NAMESPACES, PRIVILEGES, MEMORY, KERNEL, EVASION],
  ...[FILE_DETOURS, KERNEL_DETOURS, PROGRAM_DETOURS],
]

/** Their attacks. */
export const ATTACKS: readonly Attack[] = ATTACK_FAMILIES.flatMap(({ attacks }) => attacks)
