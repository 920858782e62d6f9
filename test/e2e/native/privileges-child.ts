// Run by privileges.test.ts as a separate process: gives up privileges as its first argument says, and prints the result as JSON.
import { spawnSync } from 'node:child_process'
import { pbkdf2, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { capabilitySet } from '../../../infra/process/capability-names.js'
import { dropPrivileges, heldPrivileges } from '../../../native/privileges.js'
import { drain } from './kernel-records.js'
import { openSession } from './watch.js'

const [, , act = '', ...given] = process.argv

/** The error of what is refused; null for what is done. */
function codeOf(deed: () => unknown): string | null {
  try {
    deed()
    return null
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}

/** Threads of libuv's pool, at work. */
const busyPool = (): Promise<unknown> =>
  Promise.all(Array.from({ length: 8 }, () => promisify(pbkdf2)('a', randomBytes(8), 1000, 32, 'sha256')))

/** Ids and what else a thread of this process says of itself, of all threads. */
function ofThreads(field: string): string[] {
  const values = readdirSync('/proc/self/task').map(
    (thread) => new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/self/task/${thread}/status`, 'latin1'))?.[1] ?? '',
  )
  return [...new Set(values)].sort()
}

/** What of the work of a collector that runs fails: the names of the deeds. */
function failingDeeds(pidOfOther: string, fileOfOther: string): string[] {
  const session = openSession()
  dropPrivileges(capabilitySet(given.slice(2)))
  const deeds: Readonly<Record<string, () => unknown>> = {
    counters: () => session.counters(),
    misses: () => session.recursionMisses(),
    tasks: () => session.tasks(),
    watchKinds: () => session.watchKinds(new Set([2])),
    renew: () => session.renew(),
    unread: () => session.unread(),
    rings: () => session.rings.forEach(drain),
    process: () => ['exe', 'cwd', 'ns/pid'].forEach((link) => readlinkSync(`/proc/${pidOfOther}/${link}`)),
    file: () => readFileSync(fileOfOther),
    detach: () => session.detach(),
    close: () => session.close(),
  }
  return Object.entries(deeds).flatMap(([name, deed]) => {
    try {
      deed()
      return []
    } catch {
      return [name]
    }
  })
}

const acts: Readonly<Record<string, () => unknown>> = {
  'in all threads': async () => {
    const worker = new Worker('setInterval(() => undefined, 1000)', { eval: true })
    await once(worker, 'online')
    await busyPool()
    const blocked = ofThreads('SigBlk').filter((mask) => !/^0*$/.test(mask)).length
    const before = heldPrivileges().threads
    const held = dropPrivileges(capabilitySet(given))
    const later = new Worker('setInterval(() => undefined, 1000)', { eval: true })
    await once(later, 'online')
    const fields = ['CapPrm', 'CapEff', 'CapInh', 'CapBnd', 'CapAmb', 'NoNewPrivs'].map((field) => [field, ofThreads(field)])
    return { blocked, before, held, grown: heldPrivileges().threads - before, ...Object.fromEntries(fields) }
  },
  'a program started afterwards': () => {
    dropPrivileges(capabilitySet(given), null, true)
    const { stdout } = spawnSync('cat', ['/proc/self/status'], { encoding: 'utf8' })
    return { permitted: /^CapPrm:\s*(\S+)$/m.exec(stdout)?.[1] }
  },
  'the user changed afterwards': async () => {
    await busyPool()
    dropPrivileges(capabilitySet(given))
    const refused = codeOf(() => process.setuid?.(65534))
    await busyPool()
    return { refused, users: ofThreads('Uid') }
  },
  'not dumped': () => {
    dropPrivileges(0)
    return { environ: readFileSync('/proc/self/environ').length > 0 }
  },
  'what root may do': async () => {
    const [folder = '', fileOfRoot = '', pidOfRoot = '0'] = given
    await busyPool()
    dropPrivileges(capabilitySet(['CAP_DAC_READ_SEARCH', 'CAP_SYS_PTRACE']), { uid: 65521, gid: 65521, groups: [0] })
    const own = join(folder, 'own')
    return {
      users: ofThreads('Uid'),
      filters: ofThreads('Seccomp'),
      read: readFileSync(fileOfRoot, 'utf8'),
      written: codeOf(() => writeFileSync(own, 'own')),
      ...Object.fromEntries(
        Object.entries<() => unknown>({
          etc: () => writeFileSync('/etc/eunomia-privileges-test', ''),
          overwrite: () => writeFileSync(fileOfRoot, ''),
          throughProc: () => writeFileSync(`/proc/1/root${fileOfRoot}`, ''),
          chmod: () => chmodSync(own, 0o777),
          program: () => {
            const { error } = spawnSync('true')
            if (error !== undefined) throw error
          },
          signal: () => process.kill(Number(pidOfRoot), 0),
          user: () => process.setuid?.(0),
        }).map(([name, deed]) => [name, codeOf(deed)]),
      ),
      worker: await once(new Worker('require("node:fs").writeFileSync("/etc/eunomia-privileges-test", "")', { eval: true }), 'error').then(
        ([error]: { code?: string }[]) => error?.code,
      ),
    }
  },
  deeds: () => failingDeeds(given[0] ?? '', given[1] ?? ''),
}

process.stdout.write(`${JSON.stringify(await acts[act]?.())}\n`)
process.exit(0)
