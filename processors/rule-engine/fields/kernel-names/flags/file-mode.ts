// Modes of files: as text for chmod and its kin (`S_IRUSR|S_IWUSR`), and in octal digits for open.
import { bitNames, flagsText } from './flag-names.js'

const PERMISSION_BITS = bitNames('S_I', 'XOTH WOTH ROTH XGRP WGRP RGRP XUSR WUSR RUSR SVTX SGID SUID')
const TYPE_MASK = 0o170000
const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [0o140000, 'S_IFSOCK'],
  [0o120000, 'S_IFLNK'],
  [0o100000, 'S_IFREG'],
  [0o060000, 'S_IFBLK'],
  [0o040000, 'S_IFDIR'],
  [0o020000, 'S_IFCHR'],
  [0o010000, 'S_IFIFO'],
])

/** @param mode permission bits, maybe with the type of the file */
export function modeText(mode: number): string {
  const type = TYPE_NAMES.get(mode & TYPE_MASK)
  const bits = flagsText(mode & ~TYPE_MASK, PERMISSION_BITS)
  return [bits, type].filter((part) => part !== undefined && part !== '').join('|')
}

/** `0644`; `0` for none. */
export function octalText(mode: number): string {
  return mode === 0 ? '0' : `0${mode.toString(8)}`
}
