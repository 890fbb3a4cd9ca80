import { invalidOption } from '../check.js'

/** A frame that is written, as a rule sees it. */
export interface Frame {
  /** Names of the hosts. */
  readonly from: string
  readonly to: string
  /** The link's number, as in events. */
  readonly link: number
  /** How many frames were written before it in this direction of the link. */
  readonly index: number
  /** In bytes. */
  readonly size: number
  /**
   * Encrypted, except in the handshake. Neither change nor keep them: the reader decrypts them in place.
   */
  readonly bytes: Uint8Array
  /** When it is written (ms on the network's clock). */
  readonly time: number
}

/** The fate of a frame: it passes, late by so many milliseconds, with a bit turned, or not at all. */
export type Verdict = { readonly delay: number } | 'pass' | 'corrupt' | 'drop' | 'hold' | 'reset'

/** A verdict that names the injected fault that holds the frame back. */
export type Judgement = Exclude<Verdict, 'hold'> | { readonly hold: object }

/**
 * Decides about a frame, or returns nothing and so leaves it to the other rules.
 *
 * @param chance is true as often as a share from 0 to 1 says, by the network's seed; its answers on one link do not
 * depend on other links
 */
export type Rule = (frame: Frame, chance: (share: number) => boolean) => Verdict | undefined

const VERDICTS: readonly unknown[] = ['pass', 'corrupt', 'drop', 'hold', 'reset'] satisfies Verdict[]

/**
 * An unknown verdict would let the frame pass, and a test that relies on it would prove nothing.
 *
 * @throws NetworkerError `INVALID_OPTION`
 */
export function checkVerdict(verdict: Verdict): void {
  if (VERDICTS.includes(verdict)) return
  if (typeof verdict === 'object' && verdict.delay >= 0 && Number.isFinite(verdict.delay)) return
  throw invalidOption(
    `a rule returns ${VERDICTS.join(', ')}, { delay: ms } or nothing, got ${JSON.stringify(verdict)}`
  )
}
