// Settings of the control API: the path of its socket, and what TCP requires. Loaded by clients, so it must not import the server.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ControlServerConfig } from '../collector/control/control-server.js'
import type { Config } from '../infra/config/config-schema.js'
import { messageOf, UsageError } from '../infra/process/errors.js'
import { defaultStateFolder } from '../infra/process/state-folder.js'

const MIN_TOKEN = 16

/** Path of the socket, for the server and its clients. */
export function controlSocketOf({ collector, stateFolder }: Pick<Config, 'collector' | 'stateFolder'>): string {
  return collector.control.socket ?? join(stateFolder ?? defaultStateFolder(), 'control.sock')
}

/** How to listen over TCP; null if no port is set. @throws UsageError without token or TLS, because the API changes what is watched */
export function controlPortOf({
  port,
  host,
  tokenFile,
  certFile,
  keyFile,
  clientCaFile,
}: Config['collector']['control']): ControlServerConfig | null {
  if (port === null) return null
  if (tokenFile === null || certFile === null || keyFile === null) {
    const name = tokenFile === null ? 'tokenFile' : certFile === null ? 'certFile' : 'keyFile'
    throw new UsageError(
      `collector.control.port needs a token and TLS: collector.control.${name} is missing. Without them use the unix socket, which needs neither`,
    )
  }
  const token = textOf('tokenFile', tokenFile).trimEnd()
  if (token.length < MIN_TOKEN)
    throw new UsageError(`collector.control.tokenFile: the token in ${tokenFile} is shorter than ${String(MIN_TOKEN)} characters`)
  const clientAuthority = clientCaFile === null ? null : textOf('clientCaFile', clientCaFile)
  return { host, port, token, certificate: textOf('certFile', certFile), key: textOf('keyFile', keyFile), clientAuthority }
}

function textOf(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`collector.control.${setting} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}
