/**
 * A check that did not hold, or a condition that threw. It is a failure of the scenario and not of its use, hence no
 * NetworkerError.
 */
export class ScenarioFailure extends Error {
  override readonly name = 'ScenarioFailure'
  readonly code: 'CHECK_FAILED' | 'CONDITION_THREW'

  constructor(code: ScenarioFailure['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
