// Names of systemd slices -> their paths.

/** `a-b.slice` lies in `a.slice`: gives `a.slice/a-b.slice`; empty for the root slice `-.slice`. */
export function expandSlice(slice: string): string {
  const name = slice.slice(0, -'.slice'.length)
  if (name === '-') return ''
  const parts = name.split('-')
  return parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`).join('/')
}
