// The workload of the peer (../shared/kafka-streams-peer) as records and rules of ours: the same processes in the same order, with the same containers, and its
// 100 rules in the language of Falco. What its records do not say is null in ours.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerFacts, Origin, Process } from '../../../schemas/generated/types.js'
import { quote } from '../../../processors/rule-engine/language/quoting.js'
import type { RuleFile } from '../../../processors/rule-engine/read/rule-file.js'
import { sampleContainerFacts, sampleOrigin, sampleProcess } from '../records/sample-records.js'
import { sharedPath } from '../shared-folder.js'
import { JavaRandom } from './java-random.js'

/** An exec of the peer. */
export interface PeerExec {
  readonly origin: Origin
  readonly process: Process
}

/** A container of the peer. */
export interface PeerContainer {
  readonly origin: Origin
  readonly containerId: string
  readonly facts: ContainerFacts
}

/** Its files; null where the folder is absent. */
export function peerFolder(): string | null {
  return sharedPath('kafka-streams-peer')
}

type Condition =
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly field: string; readonly op: string; readonly value?: string | number | readonly (string | number)[] }

/** The rules as one file of Falco's: each holds for the same processes. */
export function peerRules(folder: string): RuleFile {
  const rules = JSON.parse(readFileSync(join(folder, 'rules.json'), 'utf8')) as readonly {
    readonly id: string
    readonly condition: Condition
  }[]
  const ours = rules.map(({ id, condition }) => ({
    rule: id,
    desc: id,
    condition: `evt.type = execve and ${conditionText(condition)}`,
    output: '%proc.exeline',
    priority: 'WARNING',
  }))
  return { name: 'peer.yaml', text: JSON.stringify(ours) }
}

/** The peer joins all arguments; the command line of Falco begins with the command name instead of the first. */
const OTHER_NAMES: Readonly<Record<string, string>> = { 'proc.cmdline': 'proc.exeline' }

function conditionText(condition: Condition): string {
  if ('and' in condition) return `(${condition.and.map(conditionText).join(' and ')})`
  if ('or' in condition) return `(${condition.or.map(conditionText).join(' or ')})`
  if ('not' in condition) return `not ${conditionText(condition.not)}`
  const { op, value = '' } = condition
  const field = OTHER_NAMES[condition.field] ?? condition.field
  if (op === 'exists') return `${field} != host`
  // Our expressions match whole texts.
  if (op === 'regex') return `${field} regex ${constant(`(?s).*(?:${String(value)}).*`)}`
  return typeof value === 'object' ? `${field} ${op} (${value.map(constant).join(', ')})` : `${field} ${op} ${constant(value)}`
}

const constant = (value: string | number): string => (typeof value === 'number' ? String(value) : quote(value, true))

/** What the peer draws from. */
interface Templates {
  readonly images: readonly string[]
  readonly ordinary: readonly (Template & { readonly weight: number; readonly where: 'c' | 'h' | 'b' })[]
  readonly attacks: readonly (Template & { readonly image: string | null })[]
}
interface Template {
  readonly comm: string
  readonly exe: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly uid: number
  readonly ancestors: readonly string[]
}

// As in its Generate.java.
const SEED = 20_260_101
const HOSTS = 200
const CONTAINERS = 5_000
const ONE_MATCHES_IN = 1_000
const PATHS = [
  '/srv/data/app.conf',
  '/var/lib/app/state.json',
  '/etc/hostname',
  '/usr/share/zoneinfo/UTC',
  '/opt/app/releases/current/VERSION',
  '/var/spool/queue/incoming',
  '/srv/www/static/index.html',
  '/etc/resolv.conf',
  '/var/lib/prometheus/textfile/node.prom',
  '/home/app/.profile',
]

/** Draws the peer's containers and execs, in its order. */
export class PeerWorkload {
  readonly containers: readonly PeerContainer[]
  readonly #random = new JavaRandom(SEED)
  readonly #templates: Templates
  readonly #weights: number
  readonly #images: readonly string[]
  readonly #origins: readonly Origin[]
  readonly #drawn: number[] = Array.from({ length: HOSTS }, () => 0)
  #index = 0

  constructor(folder: string) {
    this.#templates = JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8')) as Templates
    this.#weights = this.#templates.ordinary.reduce((sum, { weight }) => sum + weight, 0)
    const { images } = this.#templates
    const drawn = Array.from({ length: CONTAINERS }, (_, index) => {
      const containerId = this.#hex(64)
      // The first images are the most frequent; the first containers have one each.
      const skewed = this.#random.double()
      return { containerId, image: images[index < images.length ? index : Math.floor(skewed * skewed * images.length)] ?? '' }
    })
    this.#images = drawn.map(({ image }) => image)
    this.#origins = Array.from({ length: HOSTS }, (_, host) => this.#originOf(host))
    this.containers = drawn.map(({ containerId, image }, index) => ({
      origin: this.#origin(index % HOSTS),
      containerId,
      facts: factsOf(image, index),
    }))
  }

  /** The next exec. */
  next(): PeerExec {
    const { ordinary, attacks } = this.#templates
    const random = this.#random
    const isAttack = random.below(ONE_MATCHES_IN) === 0
    if (isAttack) {
      const attack = at(attacks, random.below(attacks.length))
      return this.#exec(attack, this.#attacked(attack.image))
    }
    let left = random.below(this.#weights)
    const template = ordinary.find(({ weight }) => (left -= weight) < 0) ?? at(ordinary, 0)
    const { where } = template
    const isOnHost = where === 'h' || (where === 'b' && random.boolean())
    return this.#exec(template, isOnHost ? -1 : random.below(CONTAINERS))
  }

  #attacked(image: string | null): number {
    if (image === null || image === '') return -1
    let container = this.#random.below(CONTAINERS)
    while (!at(this.#images, container).startsWith(image)) container = (container + 1) % CONTAINERS
    return container
  }

  #exec(template: Template, container: number): PeerExec {
    const random = this.#random
    const host = container < 0 ? random.below(HOSTS) : container % HOSTS
    const seq = at(this.#drawn, host)
    this.#drawn[host] = seq + 1
    const index = this.#index++
    const pid = 300 + random.below(4_000_000)
    const startBootUs = 86_400_000_000 + index * 37 + random.below(37)
    const args = template.args.map((text) => this.#filled(text))
    const cwd = this.#filled(template.cwd)
    let ancestorPid = pid
    const ancestors = template.ancestors.map((name) => {
      ancestorPid = 2 + random.below(ancestorPid)
      const folder = name.endsWith('.sh') ? '/' : name.startsWith('systemd') ? '/usr/lib/systemd/' : '/usr/bin/'
      return { pid: ancestorPid, startBootUs: 0, name, exe: '', exePath: folder + name, exeFlags: 0, program: null }
    })
    const { comm, exe, uid } = template
    const containerId = container < 0 ? null : at(this.containers, container).containerId
    const ids = { pid, startBootUs, parentPid: ancestors[0]?.pid ?? 1, uid, gid: uid, euid: uid, egid: uid, namespacePid: pid }
    return {
      origin: { ...this.#origin(host), seq, bootTimeUs: startBootUs, wallTimeUs: 1_764_000_000_000_000 + index * 37 },
      process: sampleProcess({ ...UNSAID, ...ids, name: comm, exePath: exe, args, cwd, ancestors, containerId }),
    }
  }

  #origin(host: number): Origin {
    return at(this.#origins, host)
  }

  #originOf(host: number): Origin {
    const digits = [this.#random.long(), this.#random.long()].map((half) => half.toString(16).padStart(16, '0')).join('')
    const bootId = [0, 8, 12, 16, 20, 32].reduce<string[]>((parts, from, index, places) => {
      return index === places.length - 1 ? parts : [...parts, digits.slice(from, places[index + 1])]
    }, [])
    const number = String(host).padStart(3, '0')
    return sampleOrigin({
      hostId: `00000000-0000-4000-8000-000000000${number}`,
      hostName: `node-${number}.eu-1.example.com`,
      bootId: bootId.join('-'),
    })
  }

  #filled(text: string): string {
    const random = this.#random
    let filled = text
    const fill = (hole: string, make: () => string): void => {
      while (filled.includes(hole)) filled = filled.replace(hole, make())
    }
    fill('{n}', () => String(random.below(10_000)))
    fill('{h}', () => this.#hex(16))
    fill('{p}', () => at(PATHS, random.below(PATHS.length)))
    fill('{ip}', () => `10.${[0, 0, 0].map(() => String(random.below(256))).join('.')}`)
    return filled
  }

  #hex(digits: number): string {
    let text = ''
    for (let digit = 0; digit < digits; digit++) text += this.#random.below(16).toString(16)
    return text
  }
}

/** What the records of the peer do not say. */
const UNSAID: Partial<Process> = {
  containerClaim: null,
  claimUid: null,
  parentArgs: [],
  user: null,
  group: null,
  sessionId: 0,
  processGroupId: 0,
  namespaceProcessGroupId: 0,
  capEffective: 0,
  capPermitted: 0,
  exeInode: null,
  exeDevice: null,
  exeCtimeUs: null,
  exeMtimeUs: null,
  cgroupId: '0',
  cgroupPath: null,
}

function factsOf(image: string, index: number): ContainerFacts {
  const name = `${image.replace(/.*\/|[:@].*/g, '')}-${String(index)}`
  const imageRepository = image.replace(/@.*/, '').replace(/:[^/:]*$/, '')
  return sampleContainerFacts({ name, image, imageRepository, imageTag: null, mounts: [], labels: { app: `app-${String(index % 300)}` } })
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index]
  if (item === undefined) throw new RangeError(`there is no item ${String(index)}`)
  return item
}
