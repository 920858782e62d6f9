// The client of S3-compatible services: for the bucket sink and for the archive.
import { S3Client } from '@aws-sdk/client-s3'
import type { Shaped } from '../../../infra/config/json-shape.js'
import { readSecret, type SECRET } from '../credentials/secret.js'
import { type TLS_SETTINGS, tlsFilesOf } from '../credentials/tls.js'

const TIMEOUT_MS = 30_000

/** Where a bucket is, and how to reach it. Without keys, the client looks for some as all of AWS's programs do. */
export interface BucketPlace {
  readonly region?: string
  /** Address of a service that is not AWS. */
  readonly endpoint?: string
  /** The bucket is in the path, not in the name of the host. */
  readonly pathStyle?: boolean
  readonly accessKeyId?: Shaped<typeof SECRET>
  readonly secretAccessKey?: Shaped<typeof SECRET>
  readonly tls?: Shaped<typeof TLS_SETTINGS>
  /** Longest time of a request, milliseconds; default 30,000. */
  readonly timeoutMs?: number
}

/** A client that tries each request once: its users repeat what failed. @throws UsageError for files and variables that can't be read */
export function s3ClientOf(place: BucketPlace): S3Client {
  const { region = 'us-east-1', endpoint, pathStyle = false, accessKeyId, secretAccessKey, tls, timeoutMs = TIMEOUT_MS } = place
  // It warns of Node 20 on stderr, beside the log.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
  return new S3Client({
    region,
    forcePathStyle: pathStyle,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: timeoutMs, requestTimeout: timeoutMs, httpsAgent: { ...tlsFilesOf(tls), keepAlive: true } },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId: readSecret(accessKeyId).reveal(), secretAccessKey: readSecret(secretAccessKey).reveal() } }),
  })
}
