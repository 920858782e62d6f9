// `--record FILE`: the source of a host with a capture beside it. The end of the recording, whatever its reason, is not that of the collector.
import { FollowedClock, SystemClocks } from '../../collector/clock.js'
import { AnswerRecorder } from '../../collector/recording/answer-recorder.js'
import { CaptureWriter } from '../../collector/source/capture-writer.js'
import { TeeSource } from '../../collector/source/tee-source.js'
import { messageOf, UsageError } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import type { OpenedSource } from '../host/open-source.js'
import type { HostRecording } from './host-recording.js'

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
