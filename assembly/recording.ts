// What a recording, or the playing of one, puts between a host's collector and its surroundings.
import { FollowedClock, SystemClocks } from '../collector/clock.js'
import type { CollectorDeps } from '../collector/collector-options.js'
import type { ContainerEventBody } from '../collector/containers/container-index.js'
import { AnswerRecorder } from '../collector/recording/answer-recorder.js'
import type { RecordedIdentity, Surroundings } from '../collector/recording/surroundings.js'
import { CaptureWriter } from '../collector/source/capture-writer.js'
import type { CaptureSource } from '../collector/source/capture-source.js'
import { TeeSource } from '../collector/source/tee-source.js'
import { UsageError, messageOf } from '../infra/process/errors.js'
import type { Logger } from '../infra/process/logger.js'
import type { OpenedSource } from './source.js'

/** A recording that is being made. */
export interface HostRecording {
  readonly answers: AnswerRecorder
  readonly identity: RecordedIdentity
  /** For the heartbeat. */
  counters(): Readonly<Record<string, number>>
}

/** What a host records, and what it plays; null for nothing. */
export interface HostRecordings {
  readonly recording: HostRecording | null
  readonly recorded: CaptureSource | null
}

/** What the collector gets of it. A replay has the ids, times and names of then. */
export function recordingDeps(
  { recording, recorded }: HostRecordings,
  hostId: string,
): Pick<CollectorDeps, 'surroundings' | 'hostId' | 'epochUs' | 'startedAtUs'> {
  const identity = recording?.identity ?? recorded?.identity ?? null
  const surroundings = (own: Surroundings): Surroundings => recorded?.surroundings ?? recording?.answers.listenTo(own) ?? own
  return {
    surroundings,
    ...(identity === null ? { hostId } : { hostId: identity.hostId, epochUs: identity.epochUs, startedAtUs: identity.startedAtUs }),
  }
}

/** What is told of containers, by the tracker or by what is played, goes on to `tell`, and into the recording. */
export function containerTeller(
  { recording, recorded }: HostRecordings,
  tell: (event: ContainerEventBody) => void,
): (event: ContainerEventBody) => void {
  const told = (event: ContainerEventBody): void => {
    recording?.answers.container(event)
    tell(event)
  }
  if (recorded?.surroundings !== null && recorded?.surroundings !== undefined) recorded.surroundings.onContainer = told
  return told
}

/** Says, when a capture was played, what of it could not be. */
export function tellPlayed(recorded: CaptureSource | null, captureFile: string | null, log: Logger): void {
  const { torn, surroundings } = recorded ?? {}
  if (torn !== null && torn !== undefined) {
    log.warn(
      { capture: captureFile, ...torn },
      'the capture ends within a record: whoever recorded it was killed, or the disk was full; everything before was played',
    )
  }
  if (surroundings !== null && surroundings !== undefined && surroundings.forgotten > 0) {
    const { forgotten } = surroundings
    log.warn({ capture: captureFile, forgotten }, 'the capture holds more names and cgroups than are kept: some events are told with less')
  }
}

/** Where to record, and how much. */
export interface RecordingOptions {
  readonly file: string
  readonly maxBytes: number
}

/** A recording with the source that is recorded. */
export interface StartedRecording {
  readonly opened: OpenedSource
  readonly recording: HostRecording
  /** For the last line of the log. */
  summary(): { readonly file: string; readonly bytes: number; readonly records: number; readonly leftOut: number }
}

/** Makes the file, for a live source; it is gone again when it ends without a record. @throws UsageError for one that is there already, or can't be made; the source stays open */
export function startRecording(opened: OpenedSource, { file, maxBytes }: RecordingOptions, hostId: string, log: Logger): StartedRecording {
  const { source, older } = opened
  const { bootId, hostName, kernelRelease, cpus } = source.facts
  const startedAtUs = Date.now() * 1000
  const identity = { hostId, epochUs: source.pinned?.epochUs ?? startedAtUs, startedAtUs }
  // Until the first answer of the clock that is used.
  const bootToWallUs = new FollowedClock(new SystemClocks()).wallOf(0)
  const writer = newCapture(file, { bootId, hostName, kernelRelease, cpus, bootToWallUs, identity }, maxBytes)
  const answers = new AnswerRecorder()
  const recording = new TeeSource(source, writer, answers, {
    onFull: () => log.warn({ file, maxBytes }, 'the recording has reached its bound and ends here; collecting goes on'),
    onFailure: (error) => log.warn({ file, err: error }, 'the recording can not be written and ends here; collecting goes on'),
  })
  if (source.pinned?.isAdopted === true || older.length > 0) {
    log.warn({ file }, 'the recording begins now: what ended before is told with less when it is played, and older rings are not in it')
  }
  log.info({ file, maxBytes }, 'recording')
  const counters = (): Record<string, number> => ({
    'recording.bytes': writer.sizeBytes,
    'recording.records': recording.recorded,
    'recording.leftOut': recording.leftOut,
    'recording.answersLeftOut': writer.answersLeftOut,
  })
  return {
    opened: { ...opened, source: recording },
    recording: { answers, identity, counters },
    summary: () => ({ file, bytes: writer.sizeBytes, records: recording.recorded, leftOut: recording.leftOut }),
  }
}

function newCapture(file: string, facts: ConstructorParameters<typeof CaptureWriter>[1], maxBytes: number): CaptureWriter {
  try {
    return new CaptureWriter(file, facts, maxBytes)
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST'
    const why = isThere ? 'it is there already, and nothing is written over: name another, or remove it' : messageOf(error)
    throw new UsageError(`--record ${file}: ${why}`, { cause: error })
  }
}
