// For any bytes in names, arguments and paths: the value decodes, the text is correct, and the exact bytes are in `raw`.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ProcessEvent } from '../../../../schemas/generated/types.js'
import { RecordBench } from '../../../support/records/record-bench.js'
import { execRecord, forkRecord, openRecord, taskRecord } from '../../../support/records/ring-records.js'

/** Bytes without a NUL; often ASCII, often UTF-8, often neither. */
const textBytes = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    fc
      .string({ unit: 'binary', maxLength: Math.floor(maxLength / 4) })
      .map((text) => new Uint8Array(Buffer.from(text.replaceAll('\0', '')))),
    fc.uint8Array({ min: 1, maxLength }),
    fc.uint8Array({ min: 1, max: 127, maxLength }),
  )
const component = textBytes(40).map((bytes) => bytes.filter((byte) => byte !== 0x2f))
const path = fc
  .array(component, { maxLength: 6 })
  .map((parts) => Buffer.concat(parts.filter((part) => part.length > 0).flatMap((part) => [Buffer.from('/'), part])))

/**
 * The text that the schema specifies for bytes: valid sequences unchanged, U+FFFD for each invalid byte. The platform's decoder defines validity,
 * one candidate sequence at a time.
 */
function textOf(bytes: Uint8Array): { text: string; isValid: boolean } {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let text = ''
  let isValid = true
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((size) => {
      try {
        return at + size <= bytes.length && [...strict.decode(bytes.subarray(at, at + size))].length === 1
      } catch {
        return false
      }
    })
    if (length === undefined) isValid = false
    text += length === undefined ? '\ufffd' : strict.decode(bytes.subarray(at, at + length))
    at += length ?? 1
  }
  return { text, isValid }
}

/** Checks a text field and its entry of `raw`. */
function assertText(event: { raw: ProcessEvent['raw'] }, field: string, actual: string | null | undefined, bytes: Uint8Array): void {
  const { text, isValid } = textOf(bytes)
  assert.equal(actual, text, field)
  const raw = event.raw?.[field]
  if (isValid) assert.equal(raw, undefined, `${field} is valid and needs no raw bytes`)
  else assert.deepEqual(raw === undefined ? null : [...raw], [...bytes], `raw bytes of ${field}`)
}

describe('texts of processes and files', () => {
  it('are complete in each field of an exec and its child, as text and as exact bytes', async () => {
    const bench = await RecordBench.open()
    let pid = 100
    fc.assert(
      fc.property(
        textBytes(15),
        fc.array(textBytes(60), { maxLength: 5 }),
        path,
        path,
        textBytes(80),
        (comm, args, exePath, cwd, filename) => {
          const startNs = BigInt(++pid) * 1_000_000n
          bench.security(execRecord({ pid, startNs }, { comm }, { args, exePath, cwd, filename }))
          bench.security(forkRecord({ pid: ++pid, startNs }, { parentPid: pid - 1, parentStartNs: startNs, comm }))
          const [exec, fork] = bench.log.records.slice(-2).map(({ value }) => bench.codec.decode('process', value))
          assert(exec !== undefined && fork !== undefined)
          assertText(exec, 'process.name', exec.process.name, comm)
          assert.equal(exec.process.args.length, args.length)
          args.forEach((arg, index) => assertText(exec, `process.args.${String(index)}`, exec.process.args[index], arg))
          assertText(exec, 'process.exePath', exec.process.exePath, exePath.length === 0 ? Buffer.from('/') : exePath)
          assertText(exec, 'process.cwd', exec.process.cwd, cwd.length === 0 ? Buffer.from('/') : cwd)
          assertText(exec, 'filename', exec.filename, filename)
          const [parent] = fork.process.ancestors
          assert(parent !== undefined)
          assertText(fork, 'process.ancestors.0.name', parent.name, comm)
          assertText(fork, 'process.ancestors.0.exe', parent.exe, args[0] ?? Buffer.alloc(0))
          assertText(fork, 'process.ancestors.0.exePath', parent.exePath, exePath.length === 0 ? Buffer.from('/') : exePath)
          args.forEach((arg, index) => assertText(fork, `process.parentArgs.${String(index)}`, fork.process.parentArgs[index], arg))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('are complete in the paths of an open', async () => {
    const bench = await RecordBench.open()
    let seq = 0n
    await bench.seed(taskRecord({}, {}))
    fc.assert(
      fc.property(path, textBytes(100), (walkedPath, argument) => {
        bench.bulk(openRecord({ seq: ++seq }, { path: walkedPath, argument }))
        const value = bench.log.records.at(-1)?.value ?? new Uint8Array(0)
        const event = bench.codec.decode('file', value)
        assertText(event, 'path', event.path, walkedPath.length === 0 ? Buffer.from('/') : walkedPath)
        if (argument.length === 0) assert.equal(event.pathArgument, null)
        else assertText(event, 'pathArgument', event.pathArgument, argument)
      }),
      { numRuns: 300 },
    )
  })

  it('encode to the same bytes as the codec produces for the decoded record', async () => {
    const bench = await RecordBench.open()
    let seq = 0n
    fc.assert(
      fc.property(
        textBytes(15),
        fc.array(textBytes(200), { maxLength: 4 }),
        path,
        fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        (comm, args, exePath, number) => {
          const header = { seq: ++seq, pid: Number(seq), cgroupId: number, uid: Number(number & 0xffffffffn), startNs: number >> 12n }
          bench.security(execRecord(header, { comm, exeInode: number, loginUid: Number(number >> 32n) }, { args, exePath }))
          bench.bulk(openRecord(header, { path: exePath, argument: comm, flags: number, inode: number }))
          for (const { topic, value } of bench.log.records.slice(-2)) {
            const again =
              topic === 'process'
                ? bench.codec.encode('process', bench.codec.decode('process', value))
                : bench.codec.encode('file', bench.codec.decode('file', value))
            assert.deepEqual(Buffer.from(value), Buffer.from(again))
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('may be 100 KiB of arguments, each of them 4 KiB of newlines, quotes and escapes', async () => {
    const bench = await RecordBench.open()
    const arg = '"\n\x1b[31m\'\\'.repeat(500)
    bench.security(execRecord({}, {}, { args: Array.from({ length: 25 }, () => arg) }))
    assert.deepEqual(
      bench.processEvents.at(-1)?.process.args,
      Array.from({ length: 25 }, () => arg),
    )
  })
})
