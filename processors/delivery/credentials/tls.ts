// TLS towards a receiver: the files of the settings as options of node:tls. Certificates are always checked.
import { readFileSync } from 'node:fs'
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { messageOf, UsageError } from '../../../infra/process/errors.js'

const FILE = { minLength: 1 }

/** TLS of a sink; without it, the authorities that Node knows and no client certificate. */
export const TLS_SETTINGS = Type.Object(
  {
    caFile: Type.Optional(Type.String({ ...FILE, description: 'Certificates of authorities (PEM), instead of those of Node.' })),
    certFile: Type.Optional(Type.String({ ...FILE, description: 'Client certificate with its chain (PEM).' })),
    keyFile: Type.Optional(Type.String({ ...FILE, description: 'Key of the client certificate (PEM).' })),
    serverName: Type.Optional(Type.String({ ...FILE, description: 'Name that the certificate must have. Default: that of the address.' })),
  },
  { additionalProperties: false },
)

/** Options of node:tls. */
export interface TlsFiles {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}

/** Reads the files. @throws UsageError that names the file */
export function tlsFilesOf(settings: Shaped<typeof TLS_SETTINGS> | undefined): TlsFiles {
  if (settings === undefined) return {}
  const { caFile, certFile, keyFile, serverName } = settings
  return {
    ...(caFile === undefined ? {} : { ca: readPem(caFile) }),
    ...(certFile === undefined ? {} : { cert: readPem(certFile) }),
    ...(keyFile === undefined ? {} : { key: readPem(keyFile) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  }
}

/** What the settings lack. */
export function tlsMistakesOf(settings: Shaped<typeof TLS_SETTINGS> | undefined): string[] {
  return (settings?.certFile === undefined) === (settings?.keyFile === undefined) ? [] : ['tls.certFile and tls.keyFile need each other']
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`the file ${file} for TLS of a sink can't be read: ${messageOf(error)}`, { cause: error })
  }
}
