// Run by session.test.ts as a process of its own: opens a session and does with it what its first argument says.
import { openSync } from 'node:fs'
import { EunomiaError } from '../../../infra/process/errors.js'
import { openSession } from './watch.js'

const how: unknown = process.argv[2]

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('needs --expose-gc')
  for (let i = 0; i < 3; i++) globalThis.gc()
}

/** Keeps only the bytes of a session that was opened and not closed. */
function bytesOfForgottenSession(): Uint8Array {
  return openSession().rings[1].bytes
}

const acts: Readonly<Record<string, () => void>> = {
  'exit with open probes': () => {
    openSession().onWake(() => undefined)
    process.exit(0)
  },
  'end with open probes': () => {
    openSession()
  },
  'throw with open probes': () => {
    openSession().onWake(() => undefined)
    throw new Error('on purpose')
  },
  'close and exit': () => {
    const session = openSession()
    session.onWake(() => undefined)
    session.close()
    process.exit(0)
  },
  'close while woken': () => {
    const session = openSession()
    session.onWake(() => {
      session.close()
      session.close()
    })
    if (session.rings[1].arm()) openSync('/dev/null', 'r')
    else session.close()
  },
  'forget and collect garbage': () => {
    const bytes = bytesOfForgottenSession()
    collectGarbage()
    openSync('/dev/null', 'r')
    if (!bytes.some((byte) => byte !== 0)) throw new Error('the mapping is gone')
    const session = openSession()
    session.close()
    collectGarbage()
    if (session.rings[1].bytes.length !== 0) throw new Error('a closed ring still has bytes')
  },
  'report probes that are not attached': () => {
    const session = openSession()
    for (const { name, isAttached, error } of session.probes) if (!isAttached) process.stdout.write(`${name}: ${String(error)}\n`)
    session.close()
  },
  'open without rights': () => {
    try {
      openSession()
    } catch (error) {
      process.stdout.write(error instanceof EunomiaError ? `${error.code} ${error.message}` : String(error))
    }
  },
}

const act = acts[String(how)]
if (act === undefined) throw new Error(`no such act: ${String(how)}`)
act()
