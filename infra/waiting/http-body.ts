// Reads the body of an HTTP message with a size limit, so that a peer can't fill the memory.

/** The body exceeds its limit. */
export class BodyTooLongError extends Error {}

/**
 * Reads a whole body as UTF-8. Above the limit it stops reading, which closes the connection of a fetch or of an IncomingMessage.
 * @param body an IncomingMessage, or the body of a fetch; null is empty
 * @throws BodyTooLongError above `maxBytes`; errors of the stream
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
