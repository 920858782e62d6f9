// JSON lines out of a stream of bytes, however it is cut, with a bound for a line. Knows no meaning of what comes.
import { asObject } from '../facts/json-fields.js'
import type { JsonObject } from '../facts/json-fields.js'

/**
 * The objects of the lines, in their order.
 * @param maxLineBytes a longer line is skipped
 * @param onBadLine told of each line that is no JSON, or too long
 */
export async function* jsonLines(
  stream: AsyncIterable<Buffer>,
  maxLineBytes: number,
  onBadLine: () => void,
): AsyncGenerator<JsonObject, void, undefined> {
  let pieces: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      length += end - start
      const line =
        length <= maxLineBytes
          ? Buffer.concat([...pieces, chunk.subarray(start, end)])
              .toString('utf8')
              .trim()
          : null
      const parsed = line === null ? undefined : line === '' ? null : parse(line)
      if (parsed === undefined) onBadLine()
      else if (parsed !== null) yield parsed
      pieces = []
      length = 0
      start = end + 1
    }
    length += chunk.length - start
    if (length <= maxLineBytes) pieces.push(chunk.subarray(start))
    else pieces = []
  }
}

/** Null for JSON that is no object, undefined for what is no JSON. */
function parse(line: string): JsonObject | null | undefined {
  try {
    return asObject(JSON.parse(line))
  } catch {
    return undefined
  }
}
