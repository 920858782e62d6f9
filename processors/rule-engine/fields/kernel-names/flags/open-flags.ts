// Open flags as text, as rules write them: `O_RDWR|O_CREAT`. The numbers are those of x86-64 (include/uapi/asm-generic/fcntl.h).

const ACCESS_MODE = 0o3
const ACCESS_MODES = ['O_RDONLY', 'O_WRONLY', 'O_RDWR'] as const

/** Bits in the order in which they are written. O_TMPFILE and O_SYNC contain bits of others, so they come first. */
const FLAG_BITS: readonly (readonly [name: string, bits: number])[] = [
  ['O_CREAT', 0o100],
  ['O_APPEND', 0o2000],
  ['O_DSYNC', 0o10000],
  ['O_EXCL', 0o200],
  ['O_NONBLOCK', 0o4000],
  ['O_SYNC', 0o4010000],
  ['O_TRUNC', 0o1000],
  ['O_DIRECT', 0o40000],
  ['O_DIRECTORY', 0o200000],
  ['O_LARGEFILE', 0o100000],
  ['O_CLOEXEC', 0o2000000],
  ['O_NOFOLLOW', 0o400000],
  ['O_NOATIME', 0o1000000],
  ['O_NOCTTY', 0o400],
  ['O_PATH', 0o10000000],
  ['O_TMPFILE', 0o20200000],
]

/**
 * @param flags as the system call got them
 * @param isCreated the call made the file: Falco adds O_F_CREATED, which is no flag of the kernel
 */
export function openFlagsText(flags: number, isCreated = false): string {
  const names: string[] = [ACCESS_MODES[flags & ACCESS_MODE] ?? 'O_WRONLY|O_RDWR']
  for (const [name, bits] of FLAG_BITS) if ((flags & bits) === bits) names.push(name)
  if (isCreated) names.push('O_F_CREATED')
  return names.includes('O_TMPFILE') ? names.filter((name) => name !== 'O_DIRECTORY').join('|') : names.join('|')
}
