// Signals by name: `SIGKILL`. The numbers of x86-64 and arm64, which are the same.

const NAMES = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM ' +
  'PROF WINCH IO PWR SYS'
)
  .split(' ')
  .map((name) => `SIG${name}`)

/** Empty for 0 and for the real-time signals, which have no fixed names. */
export function signalText(signal: number): string {
  return NAMES[signal - 1] ?? ''
}
