// The numbers of java.util.SplittableRandom of Java 17, so that a bench draws the same records as the peer in Java.
// @see https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/SplittableRandom.html

const GOLDEN_GAMMA = 0x9e3779b97f4a7c15n

const bits64 = (value: bigint): bigint => BigInt.asUintN(64, value)

/** Draws what `new SplittableRandom(seed)` draws. */
export class JavaRandom {
  #seed: bigint

  constructor(seed: number) {
    this.#seed = bits64(BigInt(seed))
  }

  /** 32 bits, signed. */
  int(): number {
    const seed = this.#next()
    const once = bits64((seed ^ (seed >> 33n)) * 0x62a9d9ed799705f5n)
    return Number(BigInt.asIntN(32, bits64((once ^ (once >> 28n)) * 0xcb24d0a5c88c35b3n) >> 32n))
  }

  /** 64 bits, unsigned. */
  long(): bigint {
    const seed = this.#next()
    const once = bits64((seed ^ (seed >> 30n)) * 0xbf58476d1ce4e5b9n)
    const twice = bits64((once ^ (once >> 27n)) * 0x94d049bb133111ebn)
    return twice ^ (twice >> 31n)
  }

  boolean(): boolean {
    return this.int() < 0
  }

  /** From 0 up to, but not including, 1. */
  double(): number {
    return Number(this.long() >> 11n) / 2 ** 53
  }

  /** A whole number from 0 up to, but not including, the bound. */
  below(bound: number): number {
    const most = bound - 1
    if ((bound & most) === 0) return this.int() & most
    for (;;) {
      const drawn = this.int() >>> 1
      const value = drawn % bound
      // Overflows 31 bits where the last values would be drawn too often.
      if (drawn + most - value < 2 ** 31) return value
    }
  }

  #next(): bigint {
    return (this.#seed = bits64(this.#seed + GOLDEN_GAMMA))
  }
}
