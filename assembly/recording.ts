// A recording in progress (`--record FILE`), and what recording or replaying puts between a host's collector and its surroundings.
// The end of a recording, whatever its reason, does not end the collector.
import { FollowedClock, SystemClocks } from '../collector/clock.js'
import type { ContainerEventBody } from '../collector/containers/container-index.js'
import { AnswerRecorder } from '../collector/recording/answer-recorder.js'
import type { RecordedIdentity, Surroundings } from '../collector/recording/surroundings.js'
import { CaptureWriter } from '../collector/source/capture-writer.js'
import type { CaptureSource } from '../collector/source/capture-source.js'
import { TeeSource } from '../collector/source/tee-source.js'
import { UsageError, messageOf } from '../infra/process/errors.js'
import type { Logger } from '../infra/process/logger.js'
import type { OpenedSource } from './source.js'

/** A recording in progress. */
export interface HostRecording {
  readonly answers: AnswerRecorder
  readonly identity: RecordedIdentity
  /** For the heartbeat. */
  counters(): Readonly<Record<string, number>>
}

/** What a host records, and what it replays; null for neither. */
export interface HostRecordings {
  readonly recording: HostRecording | null
  readonly recorded: CaptureSource | null
}

/** What the collector gets of them. A replay uses the recorded ids, times and names. */
export function recordingDeps({ recording, recorded }: HostRecordings): {
  readonly identity: RecordedIdentity | null
  readonly surroundings: (own: Surroundings) => Surroundings
} {
  return {
    identity: recording?.identity ?? recorded?.identity ?? null,
    surroundings: (own) => recorded?.surroundings ?? recording?.answers.listenTo(own) ?? own,
  }
}

/** A listener for container events of the tracker or of a replay: passes them to `next` and to the recording. */
export function containerListener(
  { recording, recorded }: HostRecordings,
  next: (event: ContainerEventBody) => void,
): (event: ContainerEventBody) => void {
  const listener = (event: ContainerEventBody): void => {
    recording?.answers.container(event)
    next(event)
  }
  if (recorded?.surroundings !== null && recorded?.surroundings !== undefined) recorded.surroundings.onContainer = listener
  return listener
}

/** Logs what could not be replayed of a capture. */
export function logReplay(recorded: CaptureSource | null, captureFile: string | null, log: Logger): void {
  const { torn, surroundings } = recorded ?? {}
  if (torn !== null && torn !== undefined) {
    log.warn(
      { capture: captureFile, ...torn },
      'the capture ends within a record: the recorder was killed, or the disk was full; everything before was replayed',
    )
  }
  if (surroundings !== null && surroundings !== undefined && surroundings.forgotten > 0) {
    const { forgotten } = surroundings
    log.warn(
      { capture: captureFile, forgotten },
      'the capture has more names and cgroups than can be stored; some events have fewer details',
    )
  }
}

/** Where to record, and how much. */
export interface RecordingOptions {
  readonly file: string
  readonly maxBytes: number
}

/** A recording with its source. */
export interface StartedRecording {
  readonly opened: OpenedSource
  readonly recording: HostRecording
  /** For the last log line. */
  summary(): { readonly file: string; readonly bytes: number; readonly records: number; readonly leftOut: number }
}

/** Creates the file for a live source; removes it if it ends without a record. @throws UsageError if it exists or cannot be created; the source stays open */
export function startRecording(opened: OpenedSource, { file, maxBytes }: RecordingOptions, hostId: string, log: Logger): StartedRecording {
  const { source, older } = opened
  const { bootId, hostName, kernelRelease, cpus } = source.facts
  const startedAtUs = Date.now() * 1000
  const identity = { hostId, epochUs: source.pinned?.epochUs ?? startedAtUs, startedAtUs }
  // Used until the clock's first answer.
  const bootToWallUs = new FollowedClock(new SystemClocks()).wallOf(0)
  const writer = newCapture(file, { bootId, hostName, kernelRelease, cpus, bootToWallUs, identity }, maxBytes)
  const answers = new AnswerRecorder()
  const recording = new TeeSource(source, writer, answers, {
    onFull: () => log.warn({ file, maxBytes }, 'the recording has reached its bound and ends; collecting continues'),
    onFailure: (error) => log.warn({ file, err: error }, 'the recording cannot be written and ends; collecting continues'),
  })
  if (source.pinned?.isAdopted === true || older.length > 0) {
    log.warn(
      { file },
      'the recording begins now: processes that ended before have fewer details in a replay, and older rings are not recorded',
    )
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
    const why = isThere ? 'the file exists and is not overwritten: choose another name, or remove it' : messageOf(error)
    throw new UsageError(`--record ${file}: ${why}`, { cause: error })
  }
}
