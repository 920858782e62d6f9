// The container runtime of a capture: facts of its containers from a file beside it (FILE.containers.json), as the runtime told them then.
// Without that file the containers of a capture stay claims of their cgroups.
import { existsSync, readFileSync } from 'node:fs'
import { CaptureInvalidError } from '../../collector/source/capture-format.js'
import type { ContainerRuntime, RuntimeContainer, RuntimeEvents } from '../../collector/containers/runtime.js'
import { messageOf } from '../../infra/process/errors.js'
import type { ContainerFacts } from '../../schemas/generated/types.js'

/** The file beside a capture. */
export function containersFileOf(captureFile: string): string {
  return `${captureFile}.containers.json`
}

/** The runtimes of a capture: none, or one. @throws CaptureInvalidError */
export function recordedRuntimes(captureFile: string): readonly ContainerRuntime[] {
  const file = containersFileOf(captureFile)
  return existsSync(file) ? [new RecordedRuntime(readContainers(file))] : []
}

class RecordedRuntime implements ContainerRuntime {
  readonly name = 'docker'
  readonly #containers: ReadonlyMap<string, RuntimeContainer>

  constructor(containers: ReadonlyMap<string, RuntimeContainer>) {
    this.#containers = containers
  }

  mayKnow(containerId: string): boolean {
    return this.#containers.has(containerId)
  }
  facts(containerId: string): Promise<RuntimeContainer | null> {
    return Promise.resolve(this.#containers.get(containerId) ?? null)
  }
  list(): Promise<readonly string[]> {
    return Promise.resolve([...this.#containers.keys()])
  }
  events(): RuntimeEvents {
    return { stop: () => Promise.resolve() }
  }
  close(): void {
    // Nothing is held.
  }
}

function readContainers(file: string): ReadonlyMap<string, RuntimeContainer> {
  try {
    const entries = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Partial<Record<string, unknown>>>)
    return new Map(entries.map(([containerId, told]) => [containerId, containerOf(containerId, told)]))
  } catch (error) {
    throw new CaptureInvalidError(file, 0, messageOf(error), error)
  }
}

function containerOf(containerId: string, told: Partial<Record<string, unknown>>): RuntimeContainer {
  const text = (name: string): string | null => (typeof told[name] === 'string' ? told[name] : null)
  const facts: ContainerFacts = {
    name: text('name') ?? containerId.slice(0, 12),
    image: text('image') ?? '',
    imageRepository: text('imageRepository'),
    imageTag: text('imageTag'),
    imageId: null,
    imageDigest: null,
    labels: {},
    isPrivileged: told['isPrivileged'] === true,
    mounts: [],
    createdAtUs: typeof told['createdAtUs'] === 'number' ? told['createdAtUs'] : 0,
    pod: null,
  }
  return {
    containerId,
    facts,
    cgroupPaths: [text('cgroupPath') ?? `/docker/${containerId}`],
    initPid: null,
    exitCode: null,
    isOomKilled: false,
  }
}
