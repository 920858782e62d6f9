// Sizes as people write them on the command line: 65536, 64KiB, 100MiB, 2GiB.
import { InvalidArgumentError } from 'commander'

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }

/** Bytes of a size. @throws InvalidArgumentError */
export function parseSize(text: string): number {
  const parts = /^(\d{1,12})(KiB|MiB|GiB|TiB|)$/.exec(text)
  const bytes = Number(parts?.[1]) * (UNIT_BYTES[parts?.[2] ?? ''] ?? Number.NaN)
  if (!Number.isSafeInteger(bytes) || bytes === 0) throw new InvalidArgumentError('Expected a size such as 65536, 64KiB, 100MiB or 2GiB.')
  return bytes
}
