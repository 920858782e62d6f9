// Generated from bpf/record/event.h by `npm run generate`. Do not edit: change the header.
// Bits of Process.exeFlags and Ancestor.exeFlags; the header has the meaning of each.
export const EXE_FLAGS = {
  upperLayer: 1,
  memfd: 2,
  local: 4,
  known: 8,
  lowerLayer: 16,
  rootOwned: 32,
  sharedWrite: 64,
  readOnly: 128,
  unlinked: 256,
  mountRoot: 512,
  foreignMount: 1024,
  hostRoot: 2048,
  hostNamespace: 4096,
  rootNamespace: 8192,
  interpreted: 16384,
  steered: 32768,
  copy: 65536,
  hostMounted: 131072,
  inMemory: 262144,
  shellFile: 524288,
} as const
