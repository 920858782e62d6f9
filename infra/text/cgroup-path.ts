// Cgroup path -> the container that it names, for the layouts of all runtimes. Pure. The first step of resolving the container of a process,
// and only a claim: whoever may create cgroups can choose any name.
import { dirname } from 'node:path'

/**
 * The innermost container that a path names; cgroups below a container's own belong to it. Null for the host, for monitors
 * (conmon), and for a bare name without a slash.
 * @param path absolute path below the root of its hierarchy, or a relative one with at least one slash
 */
export function parseCgroupPath(path: string): ContainerClaim | null {
  if (!path.includes('/')) return null
  const parts = partsOf(path)
  const claim = claimWithin(parts)
  if (claim !== null) return claim
  const found = path.startsWith('/') ? matchNamespace(parts) : null
  return found === null ? null : { ...found, cgroupPath: `/${parts.join('/')}` }
}

/**
 * The containers that a path names, the innermost first: a container can name cgroups below its own after others. Around the innermost one, a
 * namespace of containerd is no claim: any folder has the form of one. @param most of them
 */
export function claimsOfPath(path: string, most: number): readonly ContainerClaim[] {
  const claims: ContainerClaim[] = []
  for (let claim = parseCgroupPath(path); claim !== null && claims.length < most; claim = claimWithin(partsOf(dirname(claim.cgroupPath)))) {
    claims.push(claim)
  }
  return claims
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '')

/** The innermost claim in a layout that can occur at any depth. */
function claimWithin(parts: readonly string[]): ContainerClaim | null {
  for (let index = parts.length - 1; index >= 0; index--) {
    for (const match of LAYOUTS) {
      const found = match(parts, index)
      if (found !== null) return { ...found, cgroupPath: `/${parts.slice(0, index + 1).join('/')}` }
    }
  }
  return null
}

/** Runtimes whose cgroup layouts are known. */
type RuntimeName = 'docker' | 'containerd' | 'cri-o' | 'podman' | 'nerdctl' | 'lxc' | 'systemd' | 'buildkit' | 'garden' | 'mesos'

/** A container as one part of a cgroup path names it. */
export interface ContainerClaim {
  readonly runtime: RuntimeName
  /** Full id: 64 hex digits for most runtimes, or the name where the runtime identifies containers by name (LXC, nspawn, containerd). */
  readonly containerId: string
  /** Path of the container's own cgroup, a prefix of the parsed path; no trailing slash. */
  readonly cgroupPath: string
}

/** Matches `parts[index]`, with the parts before it as context. */
type LayoutMatch = (parts: readonly string[], index: number) => { runtime: RuntimeName; containerId: string } | null

/** Prefixes of systemd scopes (`docker-ID.scope`), also without the suffix as the cgroupfs drivers write them. */
const PREFIXES: Readonly<Record<string, RuntimeName>> = {
  docker: 'docker',
  containerd: 'containerd',
  'cri-containerd': 'containerd',
  crio: 'cri-o',
  libpod: 'podman',
  'libpod-payload': 'podman',
  nerdctl: 'nerdctl',
  buildkit: 'buildkit',
}
const PREFIX_PATTERN = Object.keys(PREFIXES).join('|')
const PREFIXED = new RegExp(`^(${PREFIX_PATTERN})-([0-9a-f]{1,64})(?:\\.scope)?$`)
const OVERLONG = new RegExp(`^(?:${PREFIX_PATTERN})-[0-9a-f]{65,}(?:\\.scope)?$`)
// A path for the systemd driver (slice:prefix:id) that a cgroupfs driver used as a name.
const COLONS = new RegExp(`^[^:]*:(${PREFIX_PATTERN}):([0-9a-f]{1,64})$`)

const WHOLE_ID = /^[0-9a-f]{64}$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const GARDEN_HANDLE = /^[0-9a-f]{8}(?:-[0-9a-f]{4,12}){1,4}$/
const BUILDKIT_ID = /^[0-9a-z]{25}$/
const FARGATE_ID = /^[0-9a-f]{32}-[0-9]{1,20}$/
const SYSTEMD_UNIT = /\.(?:slice|scope|service)$/
const KUBEPODS = /^(?:kubelet-)?kubepods(?:[.-]|$)/
const MONITOR = /(?:^|-)conmon(?:-|$)/

/** First parts that are not containerd namespaces: parents in other layouts, whose children are not containers by name alone. */
const NO_NAMESPACE = new Set(
  'actions_job buildkit docker ecs garden kubelet kubepods libpod_parent lxc lxc.monitor lxc.payload mesos openrc'.split(' '),
)
const DOCKER_PARENTS = new Set(['docker', 'actions_job'])

/** `docker-ID.scope`, `crio-ID`, `slice:cri-containerd:ID`. */
const prefixed: LayoutMatch = (parts, index) => {
  const found = PREFIXED.exec(parts[index] ?? '') ?? COLONS.exec(parts[index] ?? '')
  const runtime = PREFIXES[found?.[1] ?? '']
  return runtime === undefined || found?.[2] === undefined ? null : { runtime, containerId: found[2] }
}

/** `lxc.payload.NAME`, `lxc.payload/NAME`, `lxc/NAME`; the monitor (`lxc.monitor.NAME`) is none. */
const lxc: LayoutMatch = (parts, index) => {
  const name = parts[index] ?? ''
  if (name.startsWith('lxc.payload.') && name.length > 'lxc.payload.'.length) {
    return { runtime: 'lxc', containerId: name.slice('lxc.payload.'.length) }
  }
  // Below a nested parent: that one is a container called lxc, and this is one of its cgroups.
  if (!isLxcParent(parts[index - 1]) || isLxcParent(parts[index - 2]) || name.startsWith('lxc.')) return null
  return { runtime: 'lxc', containerId: name }
}

function isLxcParent(part: string | undefined): boolean {
  return part === 'lxc' || part === 'lxc.payload'
}

/** `machine.slice/machine-NAME.scope` of systemd-nspawn and machined; qemu machines are not containers. */
const machine: LayoutMatch = (parts, index) => {
  const found = /^machine-(.+)\.scope$/.exec(parts[index] ?? '')
  if (parts[index - 1] !== 'machine.slice' || found?.[1] === undefined) return null
  const name = found[1].replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return name.startsWith('qemu-') ? null : { runtime: 'systemd', containerId: name }
}

/** Runtimes that place their containers below a folder with a known name. */
const children: LayoutMatch = (parts, index) => {
  const containerId = parts[index] ?? ''
  const parent = parts[index - 1]
  if (parent === 'buildkit' && BUILDKIT_ID.test(containerId)) return { runtime: 'buildkit', containerId }
  if (parent === 'garden' && GARDEN_HANDLE.test(containerId)) return { runtime: 'garden', containerId }
  if (parent === 'mesos' && UUID.test(containerId)) return { runtime: 'mesos', containerId }
  if (parts[index - 2] === 'ecs' && FARGATE_ID.test(containerId)) return { runtime: 'containerd', containerId }
  return null
}

/** A bare id of 64 hex digits: cgroupfs drivers of Docker (`/docker/ID`, `/ecs/TASK/ID`) and of containerd (`/kubepods/.../podUID/ID`). */
const bare: LayoutMatch = (parts, index) => {
  const containerId = parts[index] ?? ''
  const parent = parts[index - 1] ?? ''
  if (!WHOLE_ID.test(containerId) || parent === 'libpod_parent') return null // below libpod_parent it is a pod of podman
  const isKubepods = !DOCKER_PARENTS.has(parent) && parts.slice(0, index).some((part) => KUBEPODS.test(part))
  const isNamespace = index === 1 && !NO_NAMESPACE.has(parent) && !SYSTEMD_UNIT.test(parent)
  return { runtime: isKubepods || isNamespace ? 'containerd' : 'docker', containerId }
}

/** Layouts that can occur at any depth, the most specific first. */
const LAYOUTS: readonly LayoutMatch[] = [prefixed, lxc, machine, children, bare]

/**
 * containerd's own layout without an orchestrator: exactly `/NAMESPACE/NAME`, with any name. So it is tried last,
 * and never for systemd units, monitors, and ids that are too long for the runtime that their prefix names.
 */
function matchNamespace(parts: readonly string[]): { runtime: RuntimeName; containerId: string } | null {
  const [namespace, name] = parts
  if (parts.length !== 2 || namespace === undefined || name === undefined) return null
  if (NO_NAMESPACE.has(namespace) || SYSTEMD_UNIT.test(namespace) || SYSTEMD_UNIT.test(name)) return null
  if (MONITOR.test(name) || OVERLONG.test(name)) return null
  return { runtime: 'containerd', containerId: name }
}

/** `a-b.slice` is a child of `a.slice`: returns `a.slice/a-b.slice`; empty for the root slice `-.slice`. */
export function expandSlice(slice: string): string {
  const name = slice.slice(0, -'.slice'.length)
  if (name === '-') return ''
  const parts = name.split('-')
  return parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`).join('/')
}

/**
 * Converts `path`, as seen from a namespace rooted at `prefixPath`, to an absolute path.
 * A trailing slash of the prefix counts as one more (empty) part, as in libscap; the kernel writes none.
 * @returns null when the path climbs above the root of the hierarchy, or has `..` after its start
 */
export function resolveNamespacePath(prefixPath: string, path: string): string | null {
  const prefix = prefixPath === '' || prefixPath === '/' ? [] : prefixPath.replace(/^\//, '').split('/')
  const parts = path.split('/').filter((part) => part !== '')
  let climbs = 0
  while (parts[climbs] === '..') climbs++
  const rest = parts.slice(climbs)
  if (climbs > prefix.length || rest.includes('..')) return null
  return `/${[...prefix.slice(0, prefix.length - climbs), ...rest].filter((part) => part !== '').join('/')}`
}

/** A process's place in one hierarchy. */
interface CgroupLine {
  /** 0 for the v2 hierarchy. */
  readonly hierarchyId: number
  /** v1 controllers or `name=...`; empty for v2. */
  readonly controllers: string
  /** Below the root of the reader's cgroup namespace; may climb with `/..` (see resolveNamespacePath). */
  readonly path: string
  /** The cgroup was removed while the process (a zombie) is still in it; the kernel reports this for v2 only. */
  readonly isDeleted: boolean
}

const LINE = /^(\d{1,9}):([^:/]*):(\/.*)$/s
const DELETED = ' (deleted)'

/** Parses a line; null for anything else. */
export function parseCgroupLine(line: string): CgroupLine | null {
  const found = LINE.exec(line)
  if (found?.[1] === undefined || found[2] === undefined || found[3] === undefined) return null
  const isDeleted = found[1] === '0' && found[3].endsWith(DELETED)
  return {
    hierarchyId: Number(found[1]),
    controllers: found[2],
    path: isDeleted ? found[3].slice(0, -DELETED.length) : found[3],
    isDeleted,
  }
}

/** The path of a line, or the text itself when it is a path. */
export function pathOfLineOrPath(text: string): string {
  return parseCgroupLine(text)?.path ?? text
}
