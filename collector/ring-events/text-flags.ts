// enum text_flags of bpf/record/event.h: which text of a record was cut at its bound, or could not be read; and what the path of an open is.

/** Bits of `*_event.text_flags`. */
export const TEXT = {
  argsTruncated: 1 << 0,
  exePathTruncated: 1 << 1,
  cwdTruncated: 1 << 2,
  filenameTruncated: 1 << 3,
  pathTruncated: 1 << 4,
  argumentTruncated: 1 << 5,
  argsFault: 1 << 6,
  filenameFault: 1 << 7,
  argumentFault: 1 << 8,
  pathUnreachable: 1 << 9,
  pathFault: 1 << 10,
  exePathUnreachable: 1 << 11,
  cwdUnreachable: 1 << 12,
  pathIsBase: 1 << 13,
} as const

/** The bits that say that a text is not whole. */
export const TEXT_FAULTS = TEXT.pathIsBase - 1

/** Name of each of them in the counters of the heartbeat. */
export const TEXT_FLAG_NAMES: readonly string[] = Object.keys(TEXT).slice(0, Math.log2(TEXT.pathIsBase))
