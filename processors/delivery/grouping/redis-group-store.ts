// Groups in Redis: all instances add to the same groups. Each step is one Lua script (add.lua, take.lua, sent.lua); the keys of a sink are in one slot.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import type { RedisClient, RedisReply, RedisScript, ScriptCall } from '../../../infra/redis/redis.js'
import {
  type AddedGroups,
  DEFAULT_GROUP_BOUNDS,
  type DueMessage,
  type GroupBounds,
  type GroupedAlerts,
  type GroupStore,
  type MessagePlace,
  MOST_NAMES,
  OVERFLOW_GROUP,
  type TakenWindow,
} from './group-store.js'

/** Life of a group that nobody sends, milliseconds: of a sink that was removed. */
const LIFE_MS = 7 * 86_400_000
/** Ids of alerts whose message was sent: the last window, and the one before it. */
const SENT = ['sent-ids', 'sent-ids-before'] as const
/** Longer than a reader may not know what is settled, milliseconds. */
const SENT_LIFE_MS = 600_000
/** Parts of a window, each a key. */
const PARTS = ['ids', 'ranges', 'hosts', 'containers', 'rules'] as const

export class RedisGroupStore implements GroupStore {
  readonly #redis: RedisClient
  readonly #prefix: string
  readonly #stateKeyOf: (partition: number) => string
  readonly #bounds: GroupBounds
  readonly #add: RedisScript
  readonly #take: RedisScript
  readonly #sent: RedisScript

  /**
   * @param prefix of all keys of a sink; with a hash tag
   * @param stateKeyOf the key with the state of a partition (RedisSettlement), with the same hash tag
   */
  constructor(redis: RedisClient, prefix: string, stateKeyOf: (partition: number) => string, bounds: Partial<GroupBounds> = {}) {
    this.#redis = redis
    this.#prefix = prefix
    this.#stateKeyOf = stateKeyOf
    this.#bounds = { ...DEFAULT_GROUP_BOUNDS, ...bounds }
    this.#add = redis.script(scriptText('add'))
    this.#take = redis.script(scriptText('take'))
    this.#sent = redis.script(scriptText('sent'))
  }

  async add(alerts: readonly GroupedAlerts[], nowMs: number): Promise<AddedGroups> {
    const answers = await this.#add.run(alerts.map((one) => this.#addCall(one, nowMs, one.groupId, OVERFLOW_GROUP)))
    const left = alerts.filter((_, index) => answers[index] === null)
    const others = left.length === 0 ? [] : await this.#add.run(left.map((one) => this.#addCall(one, nowMs, OVERFLOW_GROUP, one.groupId)))
    const added = [
      ...alerts.map(({ groupId }, index) => ({ groupId, answer: answers[index] ?? null })),
      ...others.map((answer) => ({ groupId: OVERFLOW_GROUP, answer })),
    ].filter(({ answer }) => answer !== null)
    const { windowAlerts, windowRanges } = this.#bounds
    const changes = added.map(({ answer }) => (isList(answer) ? numberOf(answer[5]) : 0)).filter((change) => change > 0)
    return {
      due: added.map(({ groupId, answer }) => this.#dueOf(groupId, answer)),
      changes: { last: Math.max(0, ...changes), count: changes.length },
      isOverfull: added.some(
        ({ answer }) => isList(answer) && (numberOf(answer[3]) > 2 * windowAlerts || numberOf(answer[4]) > 10 * windowRanges),
      ),
    }
  }

  async take({ groupId, begunMs, sequence }: MessagePlace): Promise<TakenWindow | DueMessage | null> {
    const keys = [
      this.#key(groupId),
      ...PARTS.map((part) => this.#key(groupId, part)),
      ...PARTS.map((part) => this.#key(groupId, `taken-${part}`)),
    ]
    const [answer = null] = await this.#take.run([{ keys, args: [begunMs, sequence] }])
    if (!isList(answer)) return null
    if (answer.length > 3) return windowOf({ groupId, begunMs, sequence }, answer)
    const [begun = 0, next = 0, dueMs = 0] = answer.map(numberOf)
    return { groupId, begunMs: begun, sequence: next, dueMs }
  }

  async sent({ groupId, begunMs, sequence, count }: TakenWindow, thread: string | null, nextMs: number): Promise<DueMessage | null> {
    const taken = PARTS.map((part) => this.#key(groupId, `taken-${part}`))
    const sentIds = SENT.map((part) => this.#key(groupId, part))
    const keys = [this.#key(groupId), this.#key(groupId, 'ranges'), ...taken, this.#key('groups'), this.#key(groupId, 'ids'), ...sentIds]
    const [answer = null] = await this.#sent.run([{ keys, args: [groupId, begunMs, sequence, count, thread ?? '', nextMs, SENT_LIFE_MS] }])
    return answer === null ? null : this.#dueOf(groupId, answer)
  }

  async open(): Promise<readonly DueMessage[]> {
    const [members = null] = await this.#redis.batch([['SMEMBERS', this.#key('groups')]])
    const groupIds = isList(members) ? members.map(textOf) : []
    const answers = await this.#redis.batch(
      groupIds.flatMap((groupId) => [
        ['HMGET', this.#key(groupId), 'begun', 'sequence', 'due', 'taken'],
        ['LLEN', this.#key(groupId, 'ranges')],
      ]),
    )
    return groupIds.flatMap((groupId, index) => {
      const [state = null, ranges] = answers.slice(2 * index, 2 * index + 2)
      const [begun = null, sequence, due, taken = null] = isList(state) ? state : []
      const isWaiting = begun !== null && taken === null && ranges !== 0
      return isWaiting ? [{ groupId, begunMs: numberOf(begun), sequence: numberOf(sequence), dueMs: numberOf(due) }] : []
    })
  }

  /** @param other a group that may have counted the alerts before */
  #addCall(alerts: GroupedAlerts, nowMs: number, groupId: string, other: string): ScriptCall {
    const { alertIds, partition, ranges, firstUs, lastUs, hosts, containers, rules, first, last, mayRepeat } = alerts
    const group = ['', 'ids', 'taken-ids', ...SENT, 'ranges', 'hosts', 'containers', 'rules'].map((part) => this.#key(groupId, part))
    const texts = ranges.map(([from, to]) => [partition, from, to].join(':'))
    return {
      keys: [
        ...group,
        this.#key('groups'),
        this.#key(`new-${String(Math.floor(nowMs / 60_000))}`),
        ...['ids', 'taken-ids', ...SENT].map((part) => this.#key(other, part)),
        this.#stateKeyOf(partition),
      ],
      args: [
        groupId,
        Buffer.from(alertIds.join(''), 'hex'),
        JSON.stringify(texts),
        firstUs,
        lastUs,
        ...[hosts, containers, rules].map((names) => JSON.stringify(names)),
        Buffer.from(first),
        Buffer.from(last),
        mayRepeat ? 1 : 0,
        groupId === OVERFLOW_GROUP ? -1 : this.#bounds.newPerMinute,
        MOST_NAMES,
        LIFE_MS,
        nowMs,
      ],
    }
  }

  #dueOf(groupId: string, answer: RedisReply): DueMessage {
    const [begunMs = 0, sequence = 0, due = 0, alerts = 0, ranges = 0] = isList(answer) ? answer.map(numberOf) : []
    const isFull = alerts >= this.#bounds.windowAlerts || ranges >= this.#bounds.windowRanges
    return { groupId, begunMs, sequence, dueMs: isFull ? 0 : due }
  }

  #key(group: string, part = ''): string {
    return `${this.#prefix}${group}${part === '' ? '' : `:${part}`}`
  }
}

function windowOf(place: MessagePlace, answer: readonly RedisReply[]): TakenWindow {
  const [count, sentBefore, first, last, repeat, more, alert, thread, ranges, hosts, containers, rules] = answer
  return {
    ...place,
    count: numberOf(count),
    sentBefore: numberOf(sentBefore),
    firstUs: textOf(first) === '' ? Infinity : numberOf(first),
    lastUs: textOf(last) === '' ? -Infinity : numberOf(last),
    mayRepeat: textOf(repeat) !== '',
    hasMoreNames: textOf(more) !== '',
    alert: Buffer.isBuffer(alert) ? alert : Buffer.alloc(0),
    thread: Buffer.isBuffer(thread) ? thread.toString() : null,
    ranges: (isList(ranges) ? ranges : []).map((text) => {
      const [partition = 0, from = 0, to = 0] = textOf(text).split(':').map(Number)
      return { partition, range: [from, to] as const }
    }),
    hosts: namesOf(hosts),
    containers: namesOf(containers),
    rules: namesOf(rules),
  }
}

function isList(reply: RedisReply | undefined): reply is readonly RedisReply[] {
  return Array.isArray(reply)
}

function namesOf(reply: RedisReply | undefined): string[] {
  return isList(reply) ? reply.map(textOf) : []
}

function textOf(reply: RedisReply | undefined): string {
  return reply === null || reply === undefined ? '' : Buffer.isBuffer(reply) ? reply.toString() : String(reply)
}

function numberOf(reply: RedisReply | undefined): number {
  return Number(textOf(reply))
}

function scriptText(name: string): string {
  return readFileSync(join(packageRoot(), `processors/delivery/grouping/${name}.lua`), 'utf8')
}
