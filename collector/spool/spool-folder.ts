// The folder of the spool: locked by one collector at a time, and scanned once at the start.
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { messageOf, StateFolderError } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import { stateFolderError } from '../../infra/process/state-folder.js'
import { TOPIC_KEYS, type TopicKey } from '../../infra/topic-log/topics.js'
import { Segment } from './segment.js'

const SEGMENT_NAME = /^(\d{12})-([a-z]+)\.spool$/

/** What was found, and the hold on it. */
export interface SpoolFolder {
  /** Segments of earlier runs with records in them, oldest first. */
  readonly found: readonly Segment[]
  /** Records that damage took, by topic; their kinds are not known. */
  readonly damaged: readonly { topic: TopicKey; records: number }[]
  readonly tornBytes: number
  readonly unreadable: number
  readonly highestId: number
  release(): Promise<void>
}

/** @throws StateFolderError */
export async function openSpoolFolder(path: string, log: Logger): Promise<SpoolFolder> {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const lock = await lockFolder(path)
    return { ...lookThrough(path, log), release: () => new Promise((resolve) => lock.close(() => resolve())) }
  } catch (error) {
    if (error instanceof StateFolderError) throw error
    throw stateFolderError(path, error)
  }
}

/** A name in the kernel that ends with the process, however that ends. Two network namespaces do not see each other's. */
async function lockFolder(path: string): Promise<Server> {
  const { dev, ino } = statSync(path)
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new StateFolderError(`another collector uses the spool ${path}; end it, or name another folder (setting stateFolder)`, {
              cause: error,
            })
          : error,
      ),
    )
    server.listen(`\0eunomia-spool-${String(dev)}-${String(ino)}`, resolve)
  })
  server.unref()
  return server
}

function lookThrough(path: string, log: Logger): Omit<SpoolFolder, 'release'> {
  const found: Segment[] = []
  const damaged: { topic: TopicKey; records: number }[] = []
  let [tornBytes, unreadable, highestId] = [0, 0, 0]
  for (const name of readdirSync(path).sort()) {
    const [, digits, topic] = SEGMENT_NAME.exec(name) ?? []
    const key = TOPIC_KEYS.find((candidate) => candidate === topic)
    if (digits === undefined || key === undefined) continue
    const id = Number(digits)
    highestId = Math.max(highestId, id)
    try {
      const opened = Segment.open(path, id, key)
      if (opened === null) {
        tornBytes += statSync(join(path, name)).size
        rmSync(join(path, name))
        continue
      }
      tornBytes += opened.tornBytes
      if (opened.damagedRecords > 0) damaged.push({ topic: key, records: opened.damagedRecords })
      if (opened.segment.unread.records > 0) found.push(opened.segment)
      else opened.segment.remove()
    } catch (error) {
      unreadable++
      log.error({ file: name, error: messageOf(error) }, 'a segment of the spool can not be read, it stays where it is')
    }
  }
  const records = found.reduce((sum, { unread }) => sum + unread.records, 0)
  if (records > 0) log.info({ folder: path, records, segments: found.length }, 'records of an earlier run are in the spool, they go first')
  return { found, damaged, tornBytes, unreadable, highestId }
}
