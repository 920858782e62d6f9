// The client of the control API: sends requests to the collector of this host over its control socket, and validates answers with their schemas.
import { request, type RequestOptions } from 'node:http'
import type { JsonShape, Shaped, TSchema } from '../../infra/config/json-shape.js'
import { EunomiaError } from '../../infra/process/errors.js'
import { readBody } from '../../infra/waiting/http-body.js'

/** Nothing listens at the control socket, access is denied, or the collector does not answer in time. */
export class ControlUnreachableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_CONTROL_UNREACHABLE'

  /** A collector runs, but gave no answer in time. */
  get isHung(): boolean {
    return this.details['code'] === TIMED_OUT
  }
}

/** The collector refused a request. */
export class ControlRefusedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_CONTROL_REFUSED'
}

/** The answer does not match the schema of this version. */
export class ControlAnswerError extends EunomiaError {
  static override readonly code = 'EUNOMIA_CONTROL_ANSWER'
}

const ANSWER_MS = 10_000
/** Code of node's error when a signal ends a request. */
const TIMED_OUT = 'ABORT_ERR'
/** Largest answer: a ledger of thousands of CPUs. */
const MAX_ANSWER_BYTES = 64 << 20

/** HTTP methods of the API. */
export type ControlMethod = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** @param sent as JSON @returns the JSON of the answer @param answerMs for tests @throws ControlUnreachableError, ControlRefusedError */
export async function askControl(
  socketPath: string,
  method: ControlMethod,
  path: string,
  sent?: unknown,
  answerMs = ANSWER_MS,
): Promise<unknown> {
  const { status, text } = await exchange({ socketPath, method, path, signal: AbortSignal.timeout(answerMs) }, sent).catch(
    (error: unknown) => {
      throw unreachable(socketPath, error)
    },
  )
  const body = parsed(text)
  if (status < 400) return body
  const reason = typeof body === 'object' && body !== null && 'error' in body ? String(body.error) : `status ${String(status)}`
  throw new ControlRefusedError(`the collector refuses: ${reason}`, { details: { status, path } })
}

/** A request that changes something. */
export interface ControlChange {
  readonly method: Exclude<ControlMethod, 'GET'>
  /** As JSON. */
  readonly sent?: unknown
}

/**
 * Sends a request and validates the answer.
 * @param change default: a GET
 * @throws ControlAnswerError, and what askControl throws
 */
export async function readControl<Schema extends TSchema>(
  socketPath: string,
  path: string,
  shape: JsonShape<Schema>,
  change?: ControlChange,
): Promise<Shaped<Schema>> {
  const answer = await askControl(socketPath, change?.method ?? 'GET', path, change?.sent)
  if (shape.fits(answer)) return answer
  const why = `in ${path}, ${shape.mismatchOf(answer) ?? 'something differs'}`
  const message = `the collector at ${socketPath} sent an unknown answer (${why}): it may be another version; restart it with this one`
  throw new ControlAnswerError(message, { details: { socketPath, path } })
}

function exchange(options: RequestOptions, sent: unknown): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(options, (response) => {
      readBody(response, MAX_ANSWER_BYTES).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject)
    })
    asking.once('error', reject)
    asking.end(sent === undefined ? undefined : JSON.stringify(sent))
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const REASONS = new Map([
  [
    'ENOENT',
    'no collector is running; start `eunomia run` or `eunomia collect`, or name its socket with --set collector.control.socket=PATH',
  ],
  ['ECONNREFUSED', 'its collector has ended; start `eunomia run` or `eunomia collect`'],
  [TIMED_OUT, 'its collector runs, but hangs, or waits for who reads its output; see its log, and restart it'],
  ['EACCES', 'access is denied: run this as the user of the collector (usually root)'],
])

function unreachable(socketPath: string, cause: unknown): ControlUnreachableError {
  const { code = '', message = '' } = cause as NodeJS.ErrnoException
  return new ControlUnreachableError(`the control socket ${socketPath} does not answer: ${REASONS.get(code) ?? message}`, {
    cause,
    details: { socketPath, code },
  })
}
