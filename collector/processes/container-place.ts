// How a process came into the container that it is in, as its entry in the table remembers it.

/** own: of the container; exec: entered it; UNKNOWN: no record told how it came to be. */
export type ContainerEntry = 'own' | 'exec' | 'UNKNOWN'

/** How a process came into one container. */
export interface ContainerPlace {
  readonly containerId: string
  readonly entry: ContainerEntry
}
