// An image as an OCI archive, created from the tar file of a root file system. containerd imports it without a registry.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes the archive below `folder` and returns its path. The image runs `sleep 600`. */
export function makeOciArchive(folder: string, rootfsTar: string, name: string): string {
  const blobs = join(folder, 'oci', 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  const add = (mediaType: string, bytes: Buffer): { mediaType: string; digest: string; size: number } => {
    const hex = createHash('sha256').update(bytes).digest('hex')
    writeFileSync(join(blobs, hex), bytes)
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length }
  }
  const json = (mediaType: string, value: object): ReturnType<typeof add> => add(mediaType, Buffer.from(JSON.stringify(value)))
  const layer = add('application/vnd.oci.image.layer.v1.tar', readFileSync(rootfsTar))
  const config = json('application/vnd.oci.image.config.v1+json', {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['sleep', '600'], Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  })
  const manifestType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = json(manifestType, { schemaVersion: 2, mediaType: manifestType, config, layers: [layer] })
  const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name }
  writeFileSync(join(folder, 'oci', 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }))
  writeFileSync(join(folder, 'oci', 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  const archive = join(folder, 'image.tar')
  execFileSync('tar', ['-C', join(folder, 'oci'), '-cf', archive, '.'])
  return archive
}
