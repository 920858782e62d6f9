// The address of Redis from a URL: a server, a cluster, or a server behind sentinels. Never prints a password.
// Knows no client library.

/** Host and port of one node. */
export interface RedisNode {
  readonly host: string
  readonly port: number
}

/** The parts of a URL. */
export interface RedisPlace {
  readonly kind: 'server' | 'cluster' | 'sentinel'
  readonly isTls: boolean
  /** The server, some nodes of the cluster, or the sentinels. */
  readonly nodes: readonly RedisNode[]
  readonly username?: string
  readonly password?: string
  readonly db: number
  /** Name of the server at the sentinels; empty for the other kinds. */
  readonly masterName: string
  /** Hosts and ports without credentials. */
  readonly address: string
}

/** The pattern of the setting `redis.url`. */
export const REDIS_URL_PATTERN = '^rediss?://[^?#,]*$|^rediss?-cluster://[^?#/]*$|^rediss?-sentinel://[^?#/]*/[^?#/]+(/\\d+)?$'

const SHAPE = /^redis(?<tls>s)?(?:-(?<kind>cluster|sentinel))?:\/\/(?:(?<login>[^/]*)@)?(?<nodes>[^/@]*)(?:\/(?<path>.*))?$/
const NODE = /^(?<host>\[[^\]]+\]|[^:[\]]*)(?::(?<port>\d{1,5}))?$/

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `redis-cluster://[user:password@]host[:port],...` or
 * `redis-sentinel://[user:password@]host[:port],.../name[/db]`; with `rediss` for TLS. User and password are those of the servers.
 * @returns null for anything else
 */
export function parseRedisUrl(url: string): RedisPlace | null {
  const parts = SHAPE.exec(url)?.groups
  if (parts === undefined) return null
  const kind = parts['kind'] === 'cluster' || parts['kind'] === 'sentinel' ? parts['kind'] : 'server'
  const nodes = nodesOf(parts['nodes'] ?? '', kind === 'sentinel' ? 26379 : 6379)
  const login = loginOf(parts['login'])
  const [first = '', second = ''] = (parts['path'] ?? '').split('/')
  const db = Number(kind === 'sentinel' ? second : first)
  if (nodes === null || login === null || !Number.isInteger(db) || (kind === 'server' && nodes.length > 1)) return null
  const masterName = kind === 'sentinel' ? decoded(first) : ''
  if (masterName === null || (kind === 'sentinel' && masterName === '') || (kind === 'cluster' && first !== '')) return null
  const address = nodes.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${String(port)}`).join(',')
  return { kind, isTls: parts['tls'] === 's', nodes, ...login, db, masterName, address }
}

function nodesOf(text: string, defaultPort: number): RedisNode[] | null {
  const nodes = text.split(',').map((one) => {
    const node = NODE.exec(one)?.groups
    const host = (node?.['host'] ?? '').replace(/^\[|\]$/g, '')
    return { host: host === '' && text === '' ? '127.0.0.1' : host, port: Number(node?.['port'] ?? defaultPort) }
  })
  return nodes.every(({ host, port }) => host !== '' && port <= 65_535) ? nodes : null
}

function loginOf(text: string | undefined): Pick<RedisPlace, 'username' | 'password'> | null {
  if (text === undefined || text === '') return {}
  const colon = text.indexOf(':')
  const username = decoded(colon < 0 ? text : text.slice(0, colon))
  const password = colon < 0 ? undefined : decoded(text.slice(colon + 1))
  if (username === null || password === null) return null
  return { ...(username === '' ? {} : { username }), ...(password === undefined ? {} : { password }) }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
