// An answer of the surroundings as a capture stores it: a frame of JSON before the ring records that needed it.
// A capture is untrusted input, so every answer is validated.
import { RecordJsonError, recordFromJson } from '../../schemas/record-json.js'
import type { ContainerEvent } from '../../schemas/generated/types.js'
import { currentSchemas } from '../../schemas/schema-set.js'
import { MOUNT_INFO_BOUNDS, type MountInfo } from '../../infra/process/mount-info.js'
import type { RecordSchema } from '../../schemas/tree/schema-model.js'
import type { CgroupMembership, ContainerEventBody } from '../containers/container-index.js'

/** A process as read from /proc; bytes in base64. */
export interface ProcAnswer {
  readonly pid: number
  readonly startUs: number
  readonly comm: string
  readonly parentPid: number
  readonly processGroupId: number
  readonly sessionId: number
  readonly tty: number
  readonly args: string
  readonly argsTotal: number
  readonly exePath: string | null
  readonly cwd: string | null
}

/**
 * Offset of wall time from boot time, names, a cgroup as `v1:ID` or `v2:ID`, the hash of an executable, a process; the mounts of a namespace (0: of
 * the host), a file as `DEVICE:LOW:HIGH`, whether a path is one of the system, whether an overlay is mounted on the host; and container events.
 */
type AnswerValue =
  | { readonly offsetUs: number }
  | { readonly uid: number; readonly name: string | null }
  | { readonly gid: number; readonly name: string | null }
  | ({ readonly cgroup: string } & CgroupMembership)
  | { readonly exe: string; readonly sha256: string | null }
  | { readonly proc: ProcAnswer }
  | { readonly mountNamespace: number; readonly mounts: readonly MountInfo[] | null }
  | { readonly file: string; readonly path: string | null }
  | { readonly systemPath: string; readonly isOfSystem: boolean }
  | { readonly overlay: number; readonly isOfHost: boolean }
  | { readonly container: ContainerEventBody }

/** One answer. For cgroups and names it is valid until the next one. */
export type Answer = AnswerValue & {
  /** Bytes of the next frame of ring records that were handled, including the record that needed the answer; 0: before the first. */
  readonly at: number
}

type Check = (value: unknown) => boolean
const wholeWithin =
  (least: number, most: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most
const anyId = wholeWithin(0, 0xffffffff)
/** A number of /proc/PID/stat; negative for a terminal with a high number. */
const statNumber = wholeWithin(-(2 ** 31), 2 ** 32)
const text: Check = (value) => value === null || typeof value === 'string'
const base64: Check = (value) => typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value)
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)

const PROC: Readonly<Record<keyof ProcAnswer, Check>> = {
  pid: anyId,
  startUs: wholeWithin(0, 2 ** 52),
  comm: base64,
  parentPid: statNumber,
  processGroupId: statNumber,
  sessionId: statNumber,
  tty: statNumber,
  args: base64,
  argsTotal: anyId,
  exePath: orNull(base64),
  cwd: orNull(base64),
}

const bytes: Check = (value) => typeof value === 'string'
const yesOrNo: Check = (value) => typeof value === 'boolean'
const MOUNT: Readonly<Record<keyof MountInfo, Check>> = {
  id: anyId,
  parentId: anyId,
  device: anyId,
  root: bytes,
  mountPoint: bytes,
  fsType: bytes,
}
const mountList: Check = (value) =>
  Array.isArray(value) && value.length <= MOUNT_INFO_BOUNDS.mounts && value.every((mount) => fits(mount, MOUNT))

/** By the field that identifies the kind of answer. */
const FORMS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  offsetUs: { offsetUs: wholeWithin(-(2 ** 51), 2 ** 51) },
  uid: { uid: anyId, name: text },
  gid: { gid: anyId, name: text },
  cgroup: {
    cgroup: (value) => typeof value === 'string' && /^v[12]:[0-9]{1,20}$/.test(value),
    path: text,
    claim: text,
    claimUid: orNull(anyId),
    containerId: text,
  },
  exe: {
    exe: (value) => typeof value === 'string' && /^[0-9]{1,10}:[0-9]{1,10}:[0-9]{1,10}:-?[0-9]{1,16}$/.test(value),
    sha256: orNull((value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)),
  },
  proc: { proc: (value) => fits(value, PROC) },
  mountNamespace: { mountNamespace: anyId, mounts: orNull(mountList) },
  file: { file: (value) => typeof value === 'string' && /^[0-9]{1,10}:[0-9]{1,10}:[0-9]{1,10}$/.test(value), path: text },
  systemPath: { systemPath: bytes, isOfSystem: yesOrNo },
  overlay: { overlay: anyId, isOfHost: yesOrNo },
  container: { container: (value) => typeof value === 'object' && value !== null },
}

/** Every field exists and is valid. */
function fits(value: unknown, fields: Readonly<Record<string, Check>>): boolean {
  if (typeof value !== 'object' || value === null) return false
  const given = value as Readonly<Record<string, unknown>>
  return Object.entries(fields).every(([name, check]) => check(given[name]))
}

/** The schema checks a container in addition. */
function isAnswer(value: unknown): value is Answer {
  return fits(value, { at: anyId }) && Object.values(FORMS).filter((fields) => fits(value, fields)).length === 1
}

/** Answers as bytes. */
export interface AnswerFrames {
  readonly frames: readonly Uint8Array[]
  /** Answers left out because they are longer than a frame. */
  readonly leftOut: number
}

/** Encodes answers into as many frames as needed. @param maxBytes of each frame */
export function answerFrames(answers: readonly Answer[], maxBytes: number): AnswerFrames {
  const frames: Uint8Array[] = []
  let leftOut = 0
  let held: Buffer[] = []
  let bytes = 1
  const end = (): void => {
    if (held.length > 0) frames.push(Buffer.concat([...held, END]))
    held = []
    bytes = 1
  }
  for (const answer of answers) {
    const text = Buffer.from(JSON.stringify(answer))
    // Each answer is preceded by a bracket or a comma, and the last one is followed by a bracket.
    if (text.length + 2 > maxBytes) leftOut++
    else {
      if (bytes + 1 + text.length > maxBytes) end()
      bytes += 1 + text.length
      held.push(held.length === 0 ? BEGIN : NEXT, text)
    }
  }
  end()
  return { frames, leftOut }
}

const [BEGIN, NEXT, END] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')]

/** Reads frames. Caches the container schema. */
export class AnswerReader {
  #containers: RecordSchema | null = null

  /** @throws Error with the reason; the caller adds the position */
  read(bytes: Uint8Array): Answer[] {
    const parsed = parsedJson(bytes)
    if (!Array.isArray(parsed)) throw new Error('the answers of the host are not a list')
    return parsed.map((answer: unknown, index) => {
      if (!isAnswer(answer)) throw new Error(`answer ${String(index)} of the host is not valid`)
      return 'container' in answer ? { at: answer.at, container: this.#bodyOf(answer.container, index) } : answer
    })
  }

  #bodyOf(container: object, index: number): ContainerEventBody {
    this.#containers ??= currentSchemas().get('container')?.schema ?? null
    if (this.#containers === null) throw new Error('containers have no schema')
    try {
      const { origin: _, ...body } = recordFromJson(this.#containers, { ...container, origin: NO_ORIGIN }) as ContainerEvent
      return body
    } catch (error) {
      if (!(error instanceof RecordJsonError)) throw error
      throw new Error(`answer ${String(index)} of the host has an invalid container: ${error.message}`, { cause: error })
    }
  }
}

const NO_ORIGIN = { hostId: '', hostName: '', bootId: '', epoch: 0, cpu: -1, seq: 0, bootTimeUs: 0, wallTimeUs: 0 }

function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
  } catch (cause) {
    throw new Error('the answers of the host are not JSON', { cause })
  }
}
