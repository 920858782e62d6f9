// The executable of a process: opened by /proc/PID/exe, or by its path, since most processes are short-lived and have ended by then.
// It must be the file of the record: the pid may have been reused, and a path may lead anywhere. So nothing is opened, and no file system is
// queried, before its identity is known: by then it is on a local file system (EXE_LOCAL).
import { createHash, type Hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { PathHandle } from '../../native/addon.js'
import { resolveBelow, resolveLink } from '../../native/index.js'
import type { ProcessImage } from '../processes/process-entry.js'
import { exePathOf } from '../processes/process-texts.js'
import type { TaskFacts } from '../ring-events/task-facts.js'

const ROOT = Buffer.from('/')
/** Bytes per read. */
export const CHUNK_BYTES = 256 * 1024

/** Why there is no file. `changed`: it was modified since. */
export type Refusal = 'gone' | 'otherFile' | 'changed'

/** An open file with the identity of the record. */
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
    // Resolve the path in the parent's root, which is in the same container except for the first process; then on this host. The path is untrusted.
    const ofParent = ExecutableFile.#of(resolveBelow(Buffer.from(`${procFolder}/${String(facts.parentPid)}/root`), path), facts)
    if (ofParent instanceof ExecutableFile) return ofParent
    const here = ExecutableFile.#of(resolveBelow(ROOT, path), facts)
    return here instanceof ExecutableFile || (own === 'gone' && ofParent === 'gone') ? here : 'otherFile'
  }

  /** Opens the file of a handle if it is the file of the record. */
  static #of(handle: PathHandle | null, facts: TaskFacts): ExecutableFile | Refusal {
    if (handle === null) return 'gone'
    try {
      if (!isOfRecord(handle, facts)) return 'otherFile'
      // Not waiting: the owner of a file can hold up who opens it by a lease (fcntl(2), F_SETLEASE), for 45 s.
      const fd = openSync(`/proc/self/fd/${String(handle.fd)}`, constants.O_RDONLY | constants.O_NONBLOCK)
      return new ExecutableFile(fd, handle.sizeBytes, facts)
    } catch {
      return 'gone'
    } finally {
      closeSync(handle.fd)
    }
  }

  /** Reads the whole file synchronously. @returns 64 hex digits */
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

  /** The digest of the bytes read. @returns `changed` when they are not the file of the record */
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

/** The kernel uses twelve bits for the major and twenty for the minor number. @see makedev(3) for the format of stat */
function kernelDevice(dev: bigint): number {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xfff00n)
  return Number((major << 20n) | minor)
}
