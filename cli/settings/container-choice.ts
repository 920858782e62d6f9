// `--container`: whether a container is the one that a person named.

/** By its id, the beginning of it (six characters at least, so that no name is taken for one), or its name. */
export function isChosenContainer(wanted: string, containerId: string, name: string | undefined): boolean {
  return (/^[0-9a-f]{6,}$/.test(wanted) && containerId.startsWith(wanted)) || name === wanted
}
