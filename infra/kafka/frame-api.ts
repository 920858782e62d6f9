/** Which API a frame of ours belongs to. */
export interface FrameApi {
  readonly apiKey: number
  readonly apiName: string
  readonly apiVersion: number
}
