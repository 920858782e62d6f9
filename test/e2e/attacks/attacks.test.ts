// Every technique of the catalogue, done on this host and in real containers, next to the collector and `eunomia run` with the rules that ship:
// each is an event that says what happened, and each that a defender would alert on is an alert.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Alert } from '../../../schemas/generated/types.js'
import type { Attack, AttackPlace, ExpectedEvent } from '../../support/attacks/attack.js'
import { ATTACK_FAMILIES, ATTACKS } from '../../support/attacks/catalogue.js'
import { useDocker } from '../../support/services/docker.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { Workloads } from '../native/workload.js'

const execFileAsync = promisify(execFile)
const PROGRAMS = ['execution', 'files', 'network', 'kernel', 'detours', 'new-files', 'ring-detours']
const CONTAINERS = { container: 'attacks-plain', 'privileged container': 'attacks-privileged' } as const
const USER = 65534
/** The last act, which alerts: once it is on the screen, all before it are. */
const LAST: Pick<Attack, 'id' | 'place' | 'command'> = {
  id: 'end-of-attacks',
  place: 'container',
  command: '$A/files read /etc/shadow end-of-attacks',
}
const LAST_RULE = 'Sensitive file read by an unexpected program'

type Json = Readonly<Record<string, unknown>>
interface InTree {
  readonly process?: { readonly pid: number; readonly args: readonly string[]; readonly ancestors: readonly { readonly pid: number }[] }
}

describe('attacks', function () {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-attacks-'))
  // Not in a temporary folder: programs there are attacks of their own.
  const workloads = new Workloads('/var/lib')
  /** In each event of an attack: of a path below these folders, or of these containers. */
  const marks = [folder, workloads.folder]
  const docker = useDocker()
  const started: EunomiaProcess[] = []
  let events: readonly (Json & InTree)[] = []
  let alerts: readonly Alert[] = []

  before('all of them', async function () {
    this.timeout(300_000)
    chmodSync(folder, 0o755)
    chmodSync(workloads.folder, 0o755)
    for (const name of PROGRAMS) workloads.program(`attacks/${name}`)
    const programs = join(workloads.folder, 'attacks')
    for (const [place, name] of Object.entries(CONTAINERS)) {
      const rights = place === 'container' ? [] : ['--privileged']
      marks.push(await docker().runDetached(['--name', name, '-v', `${programs}:/attacks:ro`, ...rights], ['sleep', '600']))
    }
    await docker().docker('exec', CONTAINERS['privileged container'], 'ip', 'addr', 'add', '192.0.2.1/32', 'dev', 'lo')
    const collector = start('collect', ['--output', 'json'], (line) => marks.some((mark) => line.includes(mark)))
    const host = start('run', ['--json'])
    await Promise.all([collector.says(/"msg":"collecting"/), host.says(/"msg":"watching"/)])
    for (const attack of [...ATTACKS, LAST]) await act(attack, programs)
    const isLast = ({ rule, process }: Alert): boolean => rule === LAST_RULE && process.args.includes(LAST.id)
    await host.until('the last alert', () => host.records<Alert>().some(isLast))
    assert.deepEqual([await host.interrupt(), await collector.interrupt()], [0, 0], host.stderr + collector.stderr)
    events = collector.records()
    alerts = host.records()
  })
  after(async () => {
    for (const process of started) await process.kill()
    await docker()
      .docker('rm', '-f', ...Object.values(CONTAINERS))
      .catch(() => '')
    workloads.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function start(command: string, args: readonly string[], isWanted?: (line: string) => boolean): EunomiaProcess {
    const options = ['--docker-socket', docker().socketPath, '--set', 'logLevel=info']
    const environment = { EUNOMIA_STATE_FOLDER: join(folder, command) }
    const process = new EunomiaProcess([command, ...args, ...options], environment, undefined, [], isWanted)
    started.push(process)
    return process
  }

  /** Does it, to its end; that it fails is no error. */
  async function act({ id, place, command }: Pick<Attack, 'id' | 'place' | 'command'>, programs: string): Promise<void> {
    const isInside = place === 'container' || place === 'privileged container'
    const own = isInside ? `/tmp/${id}` : join(folder, id)
    if (!isInside) {
      mkdirSync(own)
      chmodSync(own, 0o777)
    }
    const text = `: ${id}; A=${isInside ? '/attacks' : programs}; T=${own}; mkdir -p $T; ${command}`
    const [program = '', ...args] = [...prefixOf(place), 'sh', '-c', text]
    await execFileAsync(program, args, { timeout: 60_000 }).catch(() => undefined)
  }

  function prefixOf(place: AttackPlace): readonly string[] {
    if (place === 'host') return []
    if (place === 'user') return ['setpriv', `--reuid=${String(USER)}`, `--regid=${String(USER)}`, '--clear-groups']
    return ['docker', '-H', `unix://${docker().socketPath}`, 'exec', CONTAINERS[place]]
  }

  /** What the shell of an attack did, and all below it. */
  function treeOf<Record extends InTree>(id: string, records: readonly Record[]): Record[] {
    const isShell = ({ type, process }: Json & InTree): boolean =>
      type === 'exec' && process?.args.some((text) => text.startsWith(`: ${id};`)) === true
    const shell = events.find(isShell)?.process?.pid
    assert.ok(shell !== undefined, `the shell of ${id} was not seen`)
    return records.filter(({ process }) => process?.pid === shell || process?.ancestors.some(({ pid }) => pid === shell) === true)
  }

  it('are the only alerts: what the container runtime does for them is none', () => {
    const isRuntime = ({ process: { exePath, args } }: Alert): boolean =>
      /\/(runc|containerd[^/]*|dockerd)$/.test(exePath ?? '') && args.some((text) => text.includes(docker().folder))
    assert.deepEqual(
      alerts.filter(isRuntime).map(({ rule, process: { args } }) => [rule, args]),
      [],
    )
  })

  for (const { title, attacks } of ATTACK_FAMILIES)
    describe(title, () => {
      for (const attack of attacks)
        it(`${attack.aim}: ${attack.how}${attack.place === 'container' ? '' : ` (${attack.place})`}`, () => {
          const tree = treeOf(attack.id, events)
          const rules = [...new Set(treeOf(attack.id, alerts).map(({ rule }) => rule))]
          const matching = tree.filter((event) => matches(event, attack.seen))
          assert.ok(matching.length > 0, `no event is ${JSON.stringify(attack.seen)}, but:\n${tree.map(summary).join('\n')}`)
          if (attack.alert === null) assert.deepEqual(rules, [])
          else assert.ok(rules.includes(attack.alert), `no alert of "${attack.alert}", but of: ${rules.join(', ') || 'no rule'}`)
        })
    })
})

function matches(event: Json & InTree, { call, path, argument, fields = {} }: ExpectedEvent): boolean {
  const place = event['path'] ?? event['filename']
  return (
    (event['syscall'] === call || event['type'] === call) &&
    (path === undefined || (typeof place === 'string' && place.endsWith(path))) &&
    (argument === undefined || event.process?.args.some((text) => text.endsWith(argument)) === true) &&
    Object.entries(fields).every(([name, value]) => valueAt(event, name) === value)
  )
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner === null || inner === undefined ? inner : (inner as Json)[key]), value)
}

function summary(event: Json & InTree): string {
  const { type, syscall, result, path, newPath } = event
  return JSON.stringify({ type, syscall, result, path, newPath, args: event.process?.args })
}
