// Settings of Redis, a part of config-schema.ts.
import { Type } from 'typebox'
import { REDIS_URL_PATTERN } from '../redis/redis-url.js'

/** Settings `redis.*`. */
export const REDIS_SETTINGS = Type.Object(
  {
    url: Type.String({
      default: 'redis://127.0.0.1:6379',
      pattern: REDIS_URL_PATTERN,
      secretUrl: true,
      description:
        'redis://user:password@host:port/db for a server, redis-cluster://h1:port,h2:port for a cluster, redis-sentinel://h1,h2/master-name for a server behind sentinels; rediss for TLS. User and password are optional.',
    }),
    keyPrefix: Type.String({
      default: '',
      pattern: '^[A-Za-z0-9._:-]{0,100}$',
      description: 'Prefix of every key, for a Redis that several installations or tenants share.',
    }),
  },
  { description: 'Redis: facts and membership of containers for the functions.' },
)
