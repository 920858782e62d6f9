// Reads the body of an HTTP message with a bound: what a peer sends must not fill our memory.

/** The body is longer than its reader takes. */
export class BodyTooLongError extends Error {}

/**
 * Reads a body to its end, as UTF-8. Past the bound it stops reading, which closes the connection of a fetch or of an IncomingMessage.
 * @param body an IncomingMessage, or the body of a fetch; null is empty
 * @throws BodyTooLongError past `maxBytes`; what the stream throws
 */
export async function readBody(body: AsyncIterable<Uint8Array> | null, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new BodyTooLongError(`the answer is longer than ${String(maxBytes)} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
