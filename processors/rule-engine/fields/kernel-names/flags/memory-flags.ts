// Flags of memfd_create (include/uapi/linux/memfd.h) and of finit_module (include/uapi/linux/module.h) as text.
import { bitNames, flagsText } from './flag-names.js'

const MEMORY_FILE = bitNames('MFD_', 'CLOEXEC ALLOW_SEALING HUGETLB NOEXEC_SEAL EXEC')
const MODULE = bitNames('MODULE_INIT_', 'IGNORE_MODVERSIONS IGNORE_VERMAGIC COMPRESSED_FILE')

/** Flags of memfd_create. */
export function memoryFileFlagsText(flags: number): string {
  return flagsText(flags, MEMORY_FILE)
}

/** Flags of finit_module. */
export function moduleFlagsText(flags: number): string {
  return flagsText(flags, MODULE)
}
