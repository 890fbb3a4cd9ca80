/** Conditions that somebody waits for. They are looked at again after each event. */
export class Conditions {
  readonly #checks = new Set<() => void>()

  /** Resolves when the condition is met, and rejects with what it throws. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        try {
          if (!condition()) return
          resolve()
        } catch (error) {
          reject(error)
        }
        this.#checks.delete(check)
      }
      this.#checks.add(check)
      check()
    })
  }

  /** Call it after each event. */
  happened = (): void => {
    for (const check of [...this.#checks]) check()
  }

  /** Forgets all conditions. The promises of {@link until} stay pending. */
  clear(): void {
    this.#checks.clear()
  }
}
