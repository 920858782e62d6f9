/** A path as text or byte text, without doubled slashes: what rules see of a path that a call gave, and what is compared with it. */
export function singleSlashes(path: string): string {
  return path.includes('//') ? path.replace(/\/{2,}/g, '/') : path
}
