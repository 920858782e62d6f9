// The archive of the settings: where its objects are, and the function that writes them. Loaded only when a command needs it.
import type { Config } from '../infra/config/config-schema.js'
import { UsageError } from '../infra/process/errors.js'
import type { Lifecycle } from '../infra/process/lifecycle.js'
import type { DeferredFunction } from '../processors/function.js'
import { Archive } from '../processors/forensics/archive/archive-function.js'
import { BucketStore } from '../processors/forensics/objects/bucket-store.js'
import { FolderStore } from '../processors/forensics/objects/folder-store.js'
import type { ObjectStore } from '../processors/forensics/objects/object-store.js'
import type { FunctionDependencies } from '../processors/runtime/function-runner.js'

const BUCKET = /^s3:\/\/([^/]+)\/?(.*)$/
const MINUTE_MS = 60_000

/** The store that the settings name. @throws UsageError without one, and for files that can't be read; EunomiaError for a folder that can't be used */
export async function openObjectStore({ archive }: Pick<Config, 'archive'>): Promise<ObjectStore> {
  const { url, endpoint, region, pathStyle, accessKeyIdFile, secretAccessKeyFile, caFile } = archive
  if (url === null) throw new UsageError('there is no archive: set archive.url to a folder, or to s3://BUCKET/PREFIX')
  const [, bucket, path = ''] = BUCKET.exec(url) ?? []
  if (bucket === undefined) return await FolderStore.open(url)
  if ((accessKeyIdFile === null) !== (secretAccessKeyFile === null))
    throw new UsageError('archive.accessKeyIdFile and archive.secretAccessKeyFile need each other')
  return new BucketStore({
    ...{ bucket, prefix: path === '' || path.endsWith('/') ? path : `${path}/`, region, pathStyle },
    ...(endpoint !== null && { endpoint }),
    ...(accessKeyIdFile !== null && { accessKeyId: { file: accessKeyIdFile } }),
    ...(secretAccessKeyFile !== null && { secretAccessKey: { file: secretAccessKeyFile } }),
    ...(caFile !== null && { tls: { caFile } }),
  })
}

/** The function `archive`. */
export async function archiveFunction(
  { codec, log, metrics }: FunctionDependencies,
  config: Pick<Config, 'archive'>,
  lifecycle: Lifecycle,
): Promise<DeferredFunction> {
  const store = await openObjectStore(config)
  lifecycle.onStop('objects', async () => await store.close())
  const { objectBytes, objectMinutes, memoryBytes } = config.archive
  const bounds = { objectBytes, objectMs: objectMinutes * MINUTE_MS, memoryBytes }
  const archive = await Archive.create({ codec, store, log, metrics }, bounds)
  lifecycle.onStop('archive', () => Promise.resolve(archive.close()))
  log.info({ store: store.description }, 'objects go to the archive')
  return archive.definition
}
