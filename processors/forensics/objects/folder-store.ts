// Objects as files of a folder. An object is written next to its place and then renamed, so that a file with its name is whole. Symbolic links below the
// folder are not followed: what an opened file really is decides, not its path.
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readdir, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EunomiaError, messageOf } from '../../../infra/process/errors.js'
import { checkObjectName, ObjectMissingError, ObjectNameError, type ObjectStore, type StoredObject } from './object-store.js'

const FOLDER_MODE = 0o750
const FILE_MODE = 0o640
/** What is being written. Names of objects never begin so. */
const PARTIAL = '.partial-'

/** The folder can't be read or written now. */
export class ArchiveFolderError extends EunomiaError {
  static override readonly code = 'EUNOMIA_ARCHIVE_STORE'
  static override readonly isRetryable = true
}

export class FolderStore implements ObjectStore {
  readonly description: string
  readonly #root: string

  private constructor(root: string) {
    this.#root = root
    this.description = `the folder ${root}`
  }

  /** @param folder created if it is not there; it may be a link itself */
  static async open(folder: string): Promise<FolderStore> {
    return await orUnavailable(async () => {
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
      return new FolderStore(await realpath(folder))
    })
  }

  async put(name: string, content: Uint8Array): Promise<void> {
    checkObjectName(name)
    await orUnavailable(async () => {
      const folder = dirname(join(this.#root, name))
      await this.#makeFolders(name)
      const partial = join(folder, `${PARTIAL}${randomBytes(6).toString('hex')}`)
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
      const file = await open(partial, flags, FILE_MODE)
      try {
        await refuseElsewhere(file, partial)
        await file.writeFile(content)
        await file.sync()
        await file.close()
        await rename(partial, join(this.#root, name))
      } catch (error) {
        await file.close()
        await rm(partial, { force: true })
        throw error
      }
      await syncFolder(folder)
    })
  }

  async get(name: string, signal?: AbortSignal): Promise<Uint8Array> {
    checkObjectName(name)
    return await orUnavailable(async () => {
      const path = join(this.#root, name)
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
      try {
        await refuseElsewhere(file, path)
        return await file.readFile(signal === undefined ? {} : { signal })
      } finally {
        await file.close()
      }
    }, name)
  }

  async remove(name: string): Promise<void> {
    checkObjectName(name)
    await orUnavailable(async () => {
      const path = join(this.#root, name)
      const folder = await realpath(dirname(path)).catch(() => null)
      if (folder === dirname(path)) await rm(path, { force: true })
      else if (folder !== null) throw new ObjectNameError(`${dirname(name)} is a symbolic link`)
    })
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    for await (const object of this.#walk('')) if (object.name.startsWith(prefix)) yield object
  }

  fileOf(name: string): string {
    checkObjectName(name)
    return join(this.#root, name)
  }

  async sweep(beforeMs: number): Promise<void> {
    await orUnavailable(async () => {
      for (const entry of await readdir(this.#root, { withFileTypes: true, recursive: true })) {
        if (!entry.isFile() || !entry.name.startsWith(PARTIAL)) continue
        const path = join(entry.parentPath, entry.name)
        const facts = await stat(path).catch(() => null)
        if (facts !== null && facts.mtimeMs < beforeMs) await rm(path, { force: true })
      }
    })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async *#walk(folder: string): AsyncIterable<StoredObject> {
    const entries = await orUnavailable(() => readdir(join(this.#root, folder), { withFileTypes: true }))
    for (const entry of entries) {
      const name = `${folder}${entry.name}`
      // What others put here is none of our objects.
      if (!isObjectName(name)) continue
      if (entry.isDirectory()) yield* this.#walk(`${name}/`)
      else if (entry.isFile()) {
        const facts = await stat(join(this.#root, name)).catch(() => null)
        if (facts !== null) yield { name, bytes: facts.size, modifiedMs: facts.mtimeMs }
      }
    }
  }

  /** Creates the folders of a name, one by one: none of them is a link. */
  async #makeFolders(name: string): Promise<void> {
    let path = this.#root
    for (const part of name.split('/').slice(0, -1)) {
      const parent = path
      path = join(path, part)
      const isNew = await mkdir(path, { mode: FOLDER_MODE }).then(
        () => true,
        (error: unknown) => {
          if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
          throw error
        },
      )
      if (isNew) await syncFolder(parent)
      else if (!(await lstat(path)).isDirectory()) throw new ObjectNameError(`${path} is no folder, or a symbolic link`)
    }
  }
}

function isObjectName(name: string): boolean {
  try {
    checkObjectName(name)
    return true
  } catch {
    return false
  }
}

/** @throws ObjectNameError when a link leads to another file */
async function refuseElsewhere(file: FileHandle, path: string): Promise<void> {
  const real = await readlink(`/proc/self/fd/${String(file.fd)}`)
  if (real !== path) throw new ObjectNameError(`${path} is reached by a symbolic link`)
  if (!(await file.stat()).isFile()) throw new ObjectNameError(`${path} is no file`)
}

/** What was renamed or created in a folder outlives a crash. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function orUnavailable<Value>(work: () => Promise<Value>, name?: string): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof EunomiaError || (error as Error).name === 'AbortError') throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ELOOP') throw new ObjectNameError(`a symbolic link: ${messageOf(error)}`, { cause: error })
    if (name !== undefined && (code === 'ENOENT' || code === 'ENOTDIR')) throw new ObjectMissingError(`there is no object ${name}`)
    throw new ArchiveFolderError(`the folder of the archive can't be used: ${messageOf(error)}`, { cause: error })
  }
}
