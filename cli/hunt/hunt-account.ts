// The account of a hunt: what was read, what was not and why, and what the collectors lost in that time. Without it, "no hit" says nothing.
import type { HuntPlan } from '../../processors/forensics/hunt/hunt-plan.js'
import type { HuntResult } from '../../processors/forensics/hunt/merge-results.js'
import type { OffsetRange } from '../../infra/topic-log/topic-log.js'
import { counted, printable } from '../../infra/text/printable.js'

/** The account as data. */
export interface HuntAccount extends Omit<HuntResult, 'failed'> {
  readonly from: string
  readonly until: string
  readonly ruleSet: string
  /** False when something of the range was not read, or is missing. */
  readonly isComplete: boolean
  readonly slices: number
  readonly partitions: HuntPlan['partitions']
  readonly damaged: HuntResult['failed']
  readonly hosts: HuntPlan['hosts']
  readonly heartbeatsUnread: number
  readonly unknownHosts: readonly string[]
}

const SHOWN = 20

export function accountOf(plan: HuntPlan, { failed, ...result }: HuntResult): HuntAccount {
  const isMissing = plan.partitions.some(({ missing }) => missing.length > 0)
  const { slicesLeft, failedRecords, factsDamaged, matchesLost, unreadable } = result
  const unread = slicesLeft + failedRecords + factsDamaged + matchesLost + unreadable + plan.heartbeatsUnread
  const isLost = plan.hosts.some(({ lost }) => Object.keys(lost).length > 0)
  return {
    from: new Date(plan.fromMs).toISOString(),
    until: new Date(plan.toMs).toISOString(),
    ruleSet: plan.ruleSetHash,
    isComplete: !isMissing && !isLost && unread === 0 && plan.unknownHosts.length === 0,
    slices: plan.slices.length,
    ...result,
    partitions: plan.partitions,
    damaged: failed,
    hosts: plan.hosts,
    heartbeatsUnread: plan.heartbeatsUnread,
    unknownHosts: plan.unknownHosts,
  }
}

/** The account as text: a line for each fact. */
export function accountText(account: HuntAccount): string {
  const lines = [
    line('range', `${account.from} to ${account.until}, rule set ${account.ruleSet}`),
    line(
      'read',
      `${counted(account.records, 'record')} in ${counted(account.slices, 'slice')} of ${counted(account.partitions.length, 'partition')}`,
    ),
    ...partitionLines(account),
    ...lossLines(account),
    line('result', resultText(account)),
    line('sha256', account.sha256),
  ]
  if (account.slicesLeft > 0)
    lines.push(line('INCOMPLETE', `it was ended early: ${counted(account.slicesLeft, 'slice')} of ${String(account.slices)} were not read`))
  return lines.join('')
}

function partitionLines({ partitions, damaged, failedRecords, factsDamaged, leftOut, unreadable }: HuntAccount): string[] {
  const lines: string[] = []
  const read = partitions.filter(({ range: [from, to] }) => to > from)
  lines.push(...some(read.map(({ topic, partition, range }) => line('', `${topic}/${String(partition)} ${rangeText(range)}`))))
  const skipped = partitions.flatMap((each) => each.skipped.map(([from, to]) => to - from)).reduce((sum, count) => sum + count, 0)
  lines.push(line('skipped', `${counted(skipped, 'offset')} by time, host and type`))
  if (leftOut > 0) lines.push(line('left out', `${counted(leftOut, 'record')} by columns of the archive, and times and hosts in objects`))
  const gone = partitions.flatMap(({ topic, partition, missing }) => missing.map((each) => ({ topic, partition, ...each })))
  const goneText = ({ topic, partition, offsets, reason }: (typeof gone)[number]): string =>
    line('', `${topic}/${String(partition)} ${rangeText(offsets)}: ${printable(reason)}; their times are not known`)
  lines.push(line('gone', gone.length === 0 ? 'nothing' : counted(gone.length, 'range')), ...some(gone.map(goneText)))
  if (failedRecords > 0) lines.push(line('damaged', counted(failedRecords, 'offset')))
  const damagedText = ({ topic, partition, object, offsets, reason }: (typeof damaged)[number]): string =>
    line(
      '',
      `${topic}/${String(partition)} ${rangeText(offsets)}${object === null ? '' : ` in ${printable(object)}`}: ${printable(reason)}`,
    )
  lines.push(...some(damaged.map(damagedText)))
  if (factsDamaged > 0)
    lines.push(
      line('facts', `${counted(factsDamaged, 'container event')} not read, gone, or without room: names and images may be missing`),
    )
  if (unreadable > 0) lines.push(line('unreadable', counted(unreadable, 'record')))
  return lines
}

function lossLines({ hosts, unknownHosts, heartbeatsUnread }: HuntAccount): string[] {
  const losers = hosts.filter(({ lost }) => Object.keys(lost).length > 0)
  const silent = unknownHosts.length === 0 ? '' : `; no heartbeat of ${unknownHosts.map(printable).join(', ')}`
  const lostText = ({ hostName, lost }: (typeof hosts)[number]): string =>
    line(
      '',
      `${printable(hostName)}: ${Object.entries(lost)
        .map(([what, count]) => `${printable(what)} ${String(count)}`)
        .join(', ')}`,
    )
  const text = losers.length === 0 ? 'nothing' : counted(losers.length, 'host')
  const unread = heartbeatsUnread === 0 ? '' : `; ${counted(heartbeatsUnread, 'heartbeat')} can't be read: what they say is not known`
  return [line('lost', `${text}, by the ledgers of ${counted(hosts.length, 'host')}${silent}${unread}`), ...some(losers.map(lostText))]
}

function resultText({ alerts, rows, repeated, matchesLost }: HuntAccount): string {
  const parts = [alerts === 0 ? 'no hit in what was read' : counted(alerts, 'alert')]
  if (alerts > rows) parts.push(`of which the first ${String(rows)} are listed`)
  if (repeated > 0) parts.push(`${counted(repeated, 'alert')} of records that were sent twice left out`)
  if (matchesLost > 0) parts.push(`${counted(matchesLost, 'match', 'matches')} more than correlations hold`)
  return parts.join(', ')
}

function rangeText([from, to]: OffsetRange): string {
  return `${String(from)}..${String(to - 1)}`
}

function some(lines: readonly string[]): readonly string[] {
  return lines.length <= SHOWN
    ? lines
    : [...lines.slice(0, SHOWN), line('', `and ${String(lines.length - SHOWN)} more (--format json has all)`)]
}

function line(name: string, text: string): string {
  return `${name.padEnd(11)} ${text}\n`
}
