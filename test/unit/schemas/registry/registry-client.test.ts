// The registry client against a server of the test that says what is asked: answers, refusals, nonsense, silence.
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RegistryClient } from '../../../../schemas/registry/registry-client.js'
import {
  RegistryRefusedError,
  RegistryUnreachableError,
  SchemaIncompatibleError,
  type RegistryConfig,
} from '../../../../schemas/registry/registry-http.js'
import { SchemaUnknownError } from '../../../../schemas/record-errors.js'

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void

const json =
  (status: number, body: unknown): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

describe('registry client', () => {
  let server: Server
  let port = 0
  let answers: Answer[] = []
  const requests: string[] = []

  before(async () => {
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => (body += part.toString()))
      request.on('end', () => {
        requests.push(`${request.method ?? ''} ${request.url ?? ''} ${body}`.trim())
        const answer = answers.length > 1 ? answers.shift() : answers[0]
        answer?.(request, response, body)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  beforeEach(() => {
    answers = []
    requests.length = 0
  })

  const client = (change: Partial<RegistryConfig> = {}): RegistryClient =>
    new RegistryClient({ url: `http://127.0.0.1:${String(port)}/api/`, attempts: 3, retryMs: 1, timeoutMs: 2_000, ...change })

  it('gives the schema of an id', async () => {
    answers = [json(200, { schema: '{"type":"record","name":"R","fields":[]}' })]
    assert.deepEqual(await client().fetchSchema(5), { type: 'record', name: 'R', fields: [] })
    assert.deepEqual(requests, ['GET /api/schemas/ids/5'])
  })

  it('lists the ids of a topic, and requests each version once', async () => {
    const registry = client()
    answers = [json(200, [1, 2]), json(200, { id: 11, version: 1 }), json(404, {})]
    assert.deepEqual(await registry.listIds('file'), new Set([11]))
    answers = [json(200, [1, 3]), json(200, { id: 13, version: 3 })]
    assert.deepEqual(await registry.listIds('file'), new Set([11, 13]))
    const path = 'GET /api/subjects/eunomia.file.v1-value/versions'
    assert.deepEqual(requests, [path, `${path}/1`, `${path}/2`, path, `${path}/3`])
    answers = [json(404, { error_code: 40401, message: 'no such subject' })]
    assert.deepEqual(await registry.listIds('file'), new Set())
    answers = [json(200, { versions: [1] })]
    await assert.rejects(registry.listIds('file'), RegistryRefusedError)
  })

  it('says that an id is unknown, or belongs to no Avro schema, and does not ask for impossible ones', async () => {
    answers = [json(404, { error_code: 40403, message: 'not found' })]
    await assert.rejects(client().fetchSchema(5), SchemaUnknownError)
    answers = [json(200, { schema: '{}', schemaType: 'JSON' })]
    await assert.rejects(client().fetchSchema(5), SchemaUnknownError)
    requests.length = 0
    await assert.rejects(client().fetchSchema(-7), SchemaUnknownError)
    assert.deepEqual(requests, [])
  })

  it('registers a schema and gives its id', async () => {
    answers = [json(200, { id: 12 })]
    assert.equal(await client().register('a/b-value', { type: 'string' }), 12)
    assert.deepEqual(requests, [
      `POST /api/subjects/a%2Fb-value/versions ${JSON.stringify({ schema: '{"type":"string"}', schemaType: 'AVRO' })}`,
    ])
  })

  it('distinguishes an incompatible schema from other refusals', async () => {
    answers = [json(409, { error_code: 409, message: 'incompatible: READER_FIELD_MISSING_DEFAULT_VALUE' })]
    await assert.rejects(client().register('s', {}), (error) => {
      assert.ok(error instanceof SchemaIncompatibleError)
      assert.match(String(error.details['reason']), /READER_FIELD/)
      return true
    })
    answers = [json(422, { error_code: 42201, message: 'Invalid Avro schema' })]
    await assert.rejects(
      client().register('s', {}),
      (error) => error instanceof RegistryRefusedError && /422: Invalid Avro schema/.test(error.message),
    )
  })

  it('tries again after errors of the server, and not after its refusals', async () => {
    answers = [json(500, {}), json(429, {}), json(200, { id: 1, version: 3, schema: '"string"' })]
    assert.deepEqual(await client().latest('s'), { id: 1, version: 3, json: 'string' })
    assert.equal(requests.length, 3)
    requests.length = 0
    answers = [json(401, {})]
    await assert.rejects(client().latest('s'), RegistryRefusedError)
    assert.equal(requests.length, 1)
  })

  it('gives up after its attempts with a retryable error', async () => {
    answers = [json(503, {})]
    await assert.rejects(
      client().latest('s'),
      (error) => error instanceof RegistryUnreachableError && error.isRetryable && /status 503/.test(error.message),
    )
    assert.equal(requests.length, 3)
  })

  it('gives up on a server that does not answer, or not in JSON, or without end', async () => {
    answers = [() => undefined]
    await assert.rejects(client({ timeoutMs: 50, attempts: 1 }).latest('s'), RegistryUnreachableError)
    answers = [(_request, response) => void response.end('<html>')]
    await assert.rejects(client({ attempts: 1 }).latest('s'), /not JSON/)
    answers = [(_request, response) => void response.end(Buffer.alloc(5 * 1024 * 1024, ' '))]
    await assert.rejects(client({ attempts: 1 }).latest('s'), /longer than/)
  })

  it('refuses answers that are not what was asked for', async () => {
    answers = [json(200, { id: 'one' })]
    await assert.rejects(client().register('s', {}), RegistryRefusedError)
    answers = [json(200, [])]
    await assert.rejects(client().latest('s'), RegistryRefusedError)
    answers = [json(200, { schema: '{broken' })]
    await assert.rejects(client().fetchSchema(1), RegistryRefusedError)
  })

  it('sends the credentials of its address, and never shows them', async () => {
    let authorization: string | undefined
    answers = [
      (request, response) => {
        authorization = request.headers.authorization
        response.writeHead(403).end()
      },
    ]
    const withCredentials = client({ url: `http://ada:s%40cret@127.0.0.1:${String(port)}` })
    assert.equal(withCredentials.address, `http://127.0.0.1:${String(port)}`)
    await assert.rejects(
      withCredentials.latest('s'),
      (error) => error instanceof RegistryRefusedError && !/ada|s@cret|s%40cret/.test(JSON.stringify(error) + error.message),
    )
    assert.equal(authorization, `Basic ${Buffer.from('ada:s@cret').toString('base64')}`)
    assert.throws(
      () => new RegistryClient({ url: 'ftp://ada:secret@x' }),
      (error) => error instanceof RegistryRefusedError && !/secret/.test(error.message),
    )
  })

  it('names a server that is not there', async () => {
    await assert.rejects(
      new RegistryClient({ url: 'http://127.0.0.1:1', attempts: 1 }).latest('s'),
      (error) =>
        error instanceof RegistryUnreachableError &&
        /http:\/\/127\.0\.0\.1:1 did not answer GET \/subjects\/s\/versions\/latest/.test(error.message),
    )
  })

  it('says of a new subject that any schema fits, and that its level can not be set yet where the registry says so', async () => {
    answers = [json(404, { error_code: 40401 })]
    assert.deepEqual(await client().isCompatible('s', {}), { isCompatible: true, messages: [] })
    assert.equal(await client().setCompatibility('s', 'FULL_TRANSITIVE'), false)
    assert.equal(await client().latest('s'), null)
    answers = [json(200, { is_compatible: false, messages: ['why'] })]
    assert.deepEqual(await client().isCompatible('s', {}), { isCompatible: false, messages: ['why'] })
    answers = [json(200, { compatibility: 'FULL_TRANSITIVE' })]
    assert.equal(await client().setCompatibility('s', 'FULL_TRANSITIVE'), true)
  })
})
