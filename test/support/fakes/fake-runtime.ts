// A container runtime that a test plays: it answers what the test wants, when the test wants.
import {
  RuntimeUnreachableError,
  type ContainerRuntime,
  type RuntimeContainer,
  type RuntimeEvent,
  type RuntimeEvents,
} from '../../../collector/containers/runtime.js'

/** A container of the fake, at Docker's default place, with few facts. */
export function fakeContainer(containerId: string, changes: Partial<RuntimeContainer> = {}): RuntimeContainer {
  const facts = {
    name: `name-${containerId.slice(0, 4)}`,
    image: 'app:1',
    imageRepository: 'app',
    imageTag: '1',
    imageId: null,
    imageDigest: null,
  }
  return {
    containerId,
    facts: { ...facts, labels: {}, isPrivileged: false, mounts: [], createdAtUs: 1, pod: null },
    cgroupPaths: [`/docker/${containerId}`],
    initPid: null,
    exitCode: null,
    isOomKilled: false,
    ...changes,
  }
}

/** The fake. */
export class FakeRuntime implements ContainerRuntime {
  readonly name = 'docker'
  readonly known = new Map<string, RuntimeContainer>()
  /** Ids that were asked for. */
  readonly asked: string[] = []
  /** Times it was asked what runs. */
  lists = 0
  isAway = false
  isClosed = false
  private listener: (event: RuntimeEvent) => void = () => undefined
  private held: (() => void)[] | null = null
  readonly socketPath?: string

  /** @param socketPath whose it is follows from it; default root's */
  constructor(socketPath?: string) {
    if (socketPath !== undefined) this.socketPath = socketPath
  }

  mayKnow(containerId: string): boolean {
    return /^[0-9a-f]{64}$/.test(containerId)
  }

  async facts(containerId: string): Promise<RuntimeContainer | null> {
    this.asked.push(containerId)
    const found = this.known.get(containerId) ?? null // as it is when it is asked
    if (this.held !== null) await new Promise<void>((resolve) => this.held?.push(resolve))
    if (this.isAway) throw new RuntimeUnreachableError('the fake is away')
    return found
  }

  list(): Promise<readonly string[]> {
    this.lists++
    if (this.isAway) return Promise.reject(new RuntimeUnreachableError('the fake is away'))
    return Promise.resolve([...this.known.values()].filter(({ initPid }) => initPid !== null).map(({ containerId }) => containerId))
  }

  events(listener: (event: RuntimeEvent) => void): RuntimeEvents {
    this.listener = listener
    return { stop: () => Promise.resolve() }
  }

  close(): void {
    this.isClosed = true
  }

  /** Emits an event. */
  emit(event: RuntimeEvent): void {
    this.listener(event)
  }

  /** Holds answers back until `release`. */
  hold(): void {
    this.held = []
  }

  release(): void {
    const held = this.held ?? []
    this.held = null
    for (const resolve of held) resolve()
  }
}
