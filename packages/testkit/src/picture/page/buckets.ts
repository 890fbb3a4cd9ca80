import { BUCKETS, type PictureData } from '../data.js'

/** The bucket that contains a moment. */
export function bucketOf(time: number, { end }: PictureData): number {
  return Math.min(BUCKETS - 1, Math.floor((time / end) * BUCKETS))
}

/** When a bucket begins, in virtual milliseconds. */
export function bucketStart(bucket: number, { end }: PictureData): number {
  return (bucket / BUCKETS) * end
}
