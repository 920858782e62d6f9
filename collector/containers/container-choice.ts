// Whether a container is the one that a person named: by filters of events, by those of aggregates, and by `--container`.

/** By its id, the beginning of it (six hex digits at least, so that no name is taken for one), or its name. @param name null while it is not known */
export function isChosenContainer(wanted: string, containerId: string, name: string | null): boolean {
  return (/^[0-9a-f]{6,}$/.test(wanted) && containerId.startsWith(wanted)) || name === wanted
}
