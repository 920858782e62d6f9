// What a recording, or the playing of one, puts between a host's collector and its surroundings.
import type { CollectorDeps } from '../../collector/collector-options.js'
import type { ContainerEventBody } from '../../collector/containers/container-index.js'
import type { AnswerRecorder } from '../../collector/recording/answer-recorder.js'
import type { RecordedIdentity, Surroundings } from '../../collector/recording/surroundings.js'
import type { CaptureSource } from '../../collector/source/capture-source.js'
import type { Logger } from '../../infra/process/logger.js'

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
