// How much of a container's facts is kept, whatever runtime told them.

/** Bounds of facts; what is over them is left out. */
export const FACTS_BOUNDS = {
  nameLength: 1024,
  imageLength: 1024,
  pathLength: 4096,
  labels: 256,
  labelLength: 4096,
  labelsLength: 65_536,
  mounts: 512,
}

/** PID_MAX_LIMIT of the kernel. */
export const MAX_PID = 4_194_304
