// Pipes between processes: who has the other ends, and the bounds of what is remembered.
import assert from 'node:assert/strict'
import { PipeHolders } from '../../../../collector/processes/pipe-holders.js'
import { ProcessEntry } from '../../../../collector/processes/process-entry.js'
import { StandardStreams } from '../../../../collector/processes/standard-streams.js'
import { STREAM_FACTS, STREAM_NAME_UNREACHABLE, STREAMS } from '../../../../native/generated/layout.js'

const S_IFIFO = 0o010600
const S_IFREG = 0o100600

/** Streams with these pipes as input and output; null for a file. */
function streams(input: number | null, output: number | null): StandardStreams {
  const bytes = Buffer.alloc(STREAMS * STREAM_FACTS.bytes)
  for (const [stream, inode] of [input, output].entries()) {
    const at = stream * STREAM_FACTS.bytes
    bytes.writeUInt32LE(inode === null ? S_IFREG : S_IFIFO, at + STREAM_FACTS.mode)
    bytes.writeUInt32LE(STREAM_NAME_UNREACHABLE, at + STREAM_FACTS.flags)
    bytes.writeBigUInt64LE(BigInt(inode ?? 0), at + STREAM_FACTS.inode)
  }
  return new StandardStreams(bytes)
}

const processOf = (pid: number, hasConnection = false): ProcessEntry => {
  const entry = new ProcessEntry(pid, 1, 'fork')
  entry.hasConnection = hasConnection
  return entry
}
const NO_PARENT = (): null => null

describe('pipes between processes', () => {
  it('lead to the network when others with connections have both', () => {
    const pipes = new PipeHolders()
    pipes.add(processOf(1, true), streams(null, 7), NO_PARENT)
    assert.equal(pipes.add(processOf(3), streams(7, 8), NO_PARENT), false)
    pipes.add(processOf(2, true), streams(8, null), NO_PARENT)
    assert.equal(pipes.add(processOf(4), streams(7, 8), NO_PARENT), true)
  })

  it('lead to the network when the process that made them has a connection, whoever is between', () => {
    const pipes = new PipeHolders()
    const [maker, shell] = [processOf(1, true), processOf(2)]
    const parents = new Map([[shell, maker]])
    assert.equal(
      pipes.add(shell, streams(7, 8), (entry) => parents.get(entry) ?? null),
      true,
    )
    const child = processOf(3)
    parents.set(child, shell)
    assert.equal(
      pipes.add(child, streams(7, 8), (entry) => parents.get(entry) ?? null),
      true,
    )
  })

  it('are no question when one of the two is a file, and no answer by the own connection', () => {
    const pipes = new PipeHolders()
    assert.equal(pipes.add(processOf(1, true), streams(7, null), NO_PARENT), null)
    assert.equal(pipes.add(processOf(2, true), streams(8, 9), NO_PARENT), false)
    assert.equal(pipes.add(processOf(3), null, NO_PARENT), null)
  })

  it('are forgotten at the bound, the oldest first, and counted', () => {
    const pipes = new PipeHolders()
    pipes.add(processOf(1, true), streams(null, 1), NO_PARENT)
    for (let inode = 2; pipes.evicted === 0; inode++) pipes.add(processOf(inode), streams(null, inode), NO_PARENT)
    assert.equal(pipes.add(processOf(9), streams(1, 1), NO_PARENT), false)
  })
})
