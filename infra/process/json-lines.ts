// Requests and answers of commands with a batch mode (--json on stdin), one per line. A bad line is answered with an error and is never fatal.
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { messageOf } from './errors.js'

/** Longest accepted line, bytes. */
export const MAX_LINE_BYTES = 1 << 20

/** Lines of a byte stream, without their line feed; null for one that is longer than `maxBytes`. Invalid UTF-8 becomes U+FFFD. */
export async function* readLines(input: Readable, maxBytes = MAX_LINE_BYTES): AsyncGenerator<string | null> {
  let pieces: Buffer[] = []
  let length = 0
  const take = (): string | null => {
    const line = length > maxBytes ? null : Buffer.concat(pieces).toString('utf8').replace(/\r$/, '')
    pieces = []
    length = 0
    return line
  }
  for await (const chunk of input) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    let start = 0
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      if (length + end - start <= maxBytes) pieces.push(bytes.subarray(start, end))
      length += end - start
      start = end + 1
      yield take()
    }
    // Bytes past the bound are counted and dropped.
    if (length + bytes.length - start <= maxBytes) pieces.push(bytes.subarray(start))
    length += bytes.length - start
  }
  if (length > 0) yield take()
}

/** Writes text, and waits if the buffer is full. */
export async function writeText(output: Writable, text: string): Promise<void> {
  if (!output.write(text)) await once(output, 'drain')
}

/**
 * Answers each line of `input`, a JSON object. Skips blank lines. If a line is not a JSON object, or `answer` throws, the answer has the id of
 * the request (null for none) and the error.
 */
export async function answerJsonLines(
  input: Readable,
  output: Writable,
  answer: (request: Readonly<Record<string, unknown>>) => object | Promise<object>,
): Promise<void> {
  for await (const line of readLines(input)) {
    if (line !== null && line.trim() === '') continue
    await writeText(output, `${JSON.stringify(await answerLine(line, answer))}\n`)
  }
}

async function answerLine(
  line: string | null,
  answer: (request: Readonly<Record<string, unknown>>) => object | Promise<object>,
): Promise<object> {
  if (line === null) return { id: null, error: `the line is longer than ${MAX_LINE_BYTES} bytes` }
  let request: unknown
  try {
    request = parseExactly(line.replace(/^\ufeff/, ''))
  } catch (error) {
    return { id: null, error: `invalid JSON: ${messageOf(error)}` }
  }
  if (!isObject(request)) return { id: null, error: 'not a JSON object' }
  try {
    return await answer(request)
  } catch (error) {
    return { id: request['id'] ?? null, ok: false, error: messageOf(error) }
  }
}

/** Parses JSON. Integers that would be rounded (above 2^53) become strings of their digits. @throws SyntaxError */
function parseExactly(line: string): unknown {
  const value: unknown = JSON.parse(line)
  if (!/[0-9]{16}/.test(line)) return value
  const exact = line.replace(TEXT_OR_NUMBER, (token) =>
    /^-?[0-9]{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  )
  return exact === line ? value : JSON.parse(exact)
}

const TEXT_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/g

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
