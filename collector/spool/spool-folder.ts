// The folder of the spool: locked by one collector at a time, and scanned once at the start.
import { closeSync, readdirSync, rmSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { messageOf, StateFolderError } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import { makeOwnFolder, stateFolderError } from '../../infra/process/state-folder.js'
import { lockFolder } from '../../native/index.js'
import { TOPIC_KEYS, type TopicKey } from '../../infra/topic-log/topics.js'
import { Segment } from './segment.js'

const SEGMENT_NAME = /^(\d{12})-([a-z]+)\.spool$/

/** The locked folder and its content. */
export interface SpoolFolder {
  /** Segments of earlier runs with records in them, oldest first. */
  readonly found: readonly Segment[]
  /** Damaged records by topic; their kinds are unknown. */
  readonly damaged: readonly { topic: TopicKey; records: number }[]
  readonly tornBytes: number
  readonly unreadable: number
  readonly highestId: number
  release(): void
}

/** @throws StateFolderError */
export function openSpoolFolder(path: string, log: Logger): SpoolFolder {
  try {
    makeOwnFolder(path)
    const lock = locked(path)
    return { ...scanFolder(path, log), release: () => closeSync(lock) }
  } catch (error) {
    if (error instanceof StateFolderError) throw error
    throw stateFolderError(path, error)
  }
}

/** flock(2) on the folder, which only its owner can open: nobody else can hold it, and it ends with the process in any case. */
function locked(path: string): number {
  try {
    return lockFolder(path)
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException
    if (errno !== constants.errno.EWOULDBLOCK) throw error
    throw new StateFolderError(`another collector uses the spool ${path}; stop it, or name another folder (setting stateFolder)`, {
      cause: error,
    })
  }
}

function scanFolder(path: string, log: Logger): Omit<SpoolFolder, 'release'> {
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
      log.error({ file: name, error: messageOf(error) }, 'a segment of the spool can not be read, the file is not removed')
    }
  }
  const records = found.reduce((sum, { unread }) => sum + unread.records, 0)
  if (records > 0)
    log.info({ folder: path, records, segments: found.length }, 'the spool has records of an earlier run, they are sent first')
  return { found, damaged, tornBytes, unreadable, highestId }
}
