// Records that the collector itself produces: heartbeats, container events, aggregates, drops. They are rare, so the codec encodes them from objects.
import { AvroWriter } from '../../schemas/avro-writer.js'
import type { Codec } from '../../schemas/codec.js'
import type { HostEvent, KernelEvent, Origin } from '../../schemas/generated/types.js'
import type { BootClock } from '../clock.js'
import type { ContainerEventBody } from '../containers/container-index.js'
import { COLLECTOR_CPU, type OriginIdentity } from '../encoder/origin-encoder.js'
import { OWN_KIND } from '../ledger/account.js'
import type { Ledger } from '../ledger/ledger.js'
import type { UsageBody } from '../usage/usage-aggregate.js'
import type { AuditBody } from '../watch/change-trail.js'
import type { EventPublisher } from './event-publisher.js'

/** A heartbeat without its origin. */
export type HeartbeatBody = Omit<HostEvent, 'origin'>

/** Dependencies. */
export interface OwnEventsDeps {
  readonly codec: Codec
  readonly publisher: EventPublisher
  readonly ledger: Ledger
  readonly clock: BootClock
  /** Epoch is the start of the collector. */
  readonly identity: OriginIdentity
}

/** Publishes records of the collector. */
export class OwnEvents {
  readonly #deps: OwnEventsDeps
  readonly #writer = new AvroWriter()

  constructor(deps: OwnEventsDeps) {
    this.#deps = deps
  }

  /** Publishes a container event. */
  container(body: ContainerEventBody): void {
    const origin = this.#origin(OWN_KIND.container)
    this.#writer.reset()
    this.#deps.codec.write('container', { ...body, origin }, this.#writer)
    this.#publish('container', OWN_KIND.container, origin)
  }

  /** Publishes a heartbeat. `body` is called after the heartbeat is in the ledger. @returns false when the log refused it */
  heartbeat(body: () => HeartbeatBody): boolean {
    const origin = this.#origin(OWN_KIND.heartbeat)
    this.#writer.reset()
    this.#deps.codec.write('host', { ...body(), origin }, this.#writer)
    return this.#publish('host', OWN_KIND.heartbeat, origin)
  }

  /** Publishes a change of what is reported. */
  audit(body: AuditBody): void {
    const origin = this.#origin(OWN_KIND.audit)
    this.#writer.reset()
    this.#deps.codec.write('audit', { ...body, origin }, this.#writer)
    this.#publish('audit', OWN_KIND.audit, origin)
  }

  /** Publishes an aggregate of an interval. */
  usage(body: UsageBody): void {
    const origin = this.#origin(OWN_KIND.usage)
    this.#writer.reset()
    this.#deps.codec.write('usage', { ...body, origin }, this.#writer)
    this.#publish('usage', OWN_KIND.usage, origin)
  }

  /** Publishes that events were dropped or refused. @returns false when the log refused it */
  drop(body: Omit<KernelEvent, 'origin'>): boolean {
    const origin = this.#origin(OWN_KIND.drop)
    this.#writer.reset()
    this.#deps.codec.write('kernel', { ...body, origin }, this.#writer)
    return this.#publish('kernel', OWN_KIND.drop, origin)
  }

  /** Counts `count` aggregates as dropped: with a slow log they are dropped first. */
  dropUsage(count: number): void {
    const { ledger } = this.#deps
    for (let dropped = 0; dropped < count; dropped++) {
      ledger.make(OWN_KIND.usage)
      ledger.dropped(ledger.accountOf(OWN_KIND.usage, COLLECTOR_CPU))
    }
  }

  #origin(kind: number): Origin {
    const { clock, ledger, identity } = this.#deps
    const bootTimeUs = clock.bootNow()
    return { ...identity, cpu: COLLECTOR_CPU, seq: ledger.make(kind), bootTimeUs, wallTimeUs: clock.wallOf(bootTimeUs) }
  }

  #publish(topic: 'container' | 'host' | 'usage' | 'kernel' | 'audit', kind: number, origin: Origin): boolean {
    const { publisher, ledger } = this.#deps
    return publisher.own(topic, ledger.accountOf(kind, COLLECTOR_CPU), this.#writer, origin.wallTimeUs) !== 'refused'
  }
}
