// The executable of a process: where the kernel keeps it (/proc/PID/exe), or where it lies, as most processes are short and gone by now.
// It is the file of the record or none: the pid may have another owner, a path may lead anywhere. So nothing is opened, and no file system is
// asked, before its identity is known: by then it is one that answers by itself (EXE_LOCAL).
import { createHash, type Hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { PathHandle } from '../../native/addon.js'
import { resolveBelow, resolveLink } from '../../native/index.js'
import type { ProcessImage } from '../processes/process-entry.js'
import { exePathOf } from '../processes/process-texts.js'
import type { TaskFacts } from '../ring-events/task-facts.js'

const ROOT = Buffer.from('/')
/** Bytes read at once. */
export const CHUNK_BYTES = 256 * 1024

/** Why there is no file. `changed`: it was written to since. */
export type Refusal = 'gone' | 'otherFile' | 'changed'

/** An open file, whose identity is that of the record. */
export class ExecutableFile {
  readonly fd: number
  readonly sizeBytes: number
  readonly #facts: TaskFacts

  private constructor(fd: number, sizeBytes: number, facts: TaskFacts) {
    this.fd = fd
    this.sizeBytes = sizeBytes
    this.#facts = facts
  }

  /** Opens it. @param procFolder /proc */
  static open(procFolder: string, { process, facts, texts }: ProcessImage): ExecutableFile | Refusal {
    const own = ExecutableFile.#of(resolveLink(Buffer.from(`${procFolder}/${String(process.pid)}/exe`)), facts)
    const path = exePathOf(texts)
    if (own instanceof ExecutableFile || path === null) return own
    // As the parent sees it, which is in the same container but for its first process; then as this host does. Whoever ran it chose the path.
    const ofParent = ExecutableFile.#of(resolveBelow(Buffer.from(`${procFolder}/${String(facts.parentPid)}/root`), path), facts)
    if (ofParent instanceof ExecutableFile) return ofParent
    const here = ExecutableFile.#of(resolveBelow(ROOT, path), facts)
    return here instanceof ExecutableFile || (own === 'gone' && ofParent === 'gone') ? here : 'otherFile'
  }

  /** Opens what was looked at if it is the file of the record. */
  static #of(look: PathHandle | null, facts: TaskFacts): ExecutableFile | Refusal {
    if (look === null) return 'gone'
    try {
      if (!isOfRecord(look, facts)) return 'otherFile'
      return new ExecutableFile(openSync(`/proc/self/fd/${String(look.fd)}`, constants.O_RDONLY), look.sizeBytes, facts)
    } catch {
      return 'gone'
    } finally {
      closeSync(look.fd)
    }
  }

  /** Reads it to its end, at once. @returns 64 hex digits */
  hash(chunk: Uint8Array): string | Refusal {
    const hash = createHash('sha256')
    let read = 0
    try {
      for (let bytes = -1; bytes !== 0; read += bytes) {
        bytes = readSync(this.fd, chunk, 0, chunk.length, read)
        hash.update(chunk.subarray(0, bytes))
        if (read > this.sizeBytes) return 'changed'
      }
    } catch {
      return 'gone'
    }
    return this.finish(hash, read)
  }

  /** The digest of what was read. @returns `changed` when that is not the file of the record */
  finish(hash: Hash, bytes: number): string | Refusal {
    return bytes === this.sizeBytes && sizeOf(this.fd, this.#facts) === bytes ? hash.digest('hex') : 'changed'
  }

  close(): void {
    closeSync(this.fd)
  }
}

function isOfRecord(
  { device, inode, ctimeUs, isRegular }: Pick<PathHandle, 'device' | 'inode' | 'ctimeUs' | 'isRegular'>,
  facts: TaskFacts,
): boolean {
  const ofRecord = (BigInt(facts.exeInodeHigh) << 32n) | BigInt(facts.exeInodeLow)
  return isRegular && inode === ofRecord && device === facts.exeDevice && ctimeUs === facts.exeCtimeUs
}

/** Size of the open file; null when it is not the one of the record. */
function sizeOf(fd: number, facts: TaskFacts): number | null {
  try {
    const { dev, ino, ctimeNs, size, mode } = fstatSync(fd, { bigint: true })
    const isRegular = (Number(mode) & constants.S_IFMT) === constants.S_IFREG
    const ctimeUs = Number(ctimeNs / 1000n - (ctimeNs % 1000n < 0n ? 1n : 0n))
    return isOfRecord({ inode: ino, device: kernelDevice(dev), ctimeUs, isRegular }, facts) ? Number(size) : null
  } catch {
    return null
  }
}

/** The kernel has twelve bits of the major and twenty of the minor number. @see makedev(3) for what stat gives */
function kernelDevice(dev: bigint): number {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xfff00n)
  return Number((major << 20n) | minor)
}
