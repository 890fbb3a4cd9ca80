import { open } from 'node:fs/promises'
import { checkFile } from './check-file.js'

/** How many events before the difference are shown. */
const CONTEXT = 3

/** Prints the first event in which two traces differ. @returns whether they are equal */
export async function diff([a, b]: readonly [string, string]): Promise<boolean> {
  await checkFile(a)
  await checkFile(b)
  const { isEqual, text } = await compare(a, b)
  console.log(text)
  return isEqual
}

/** @returns a text about the first event in which two traces differ */
export async function compare(a: string, b: string): Promise<{ isEqual: boolean; text: string }> {
  const [fileA, fileB] = [await open(a), await open(b)]
  try {
    const [linesA, linesB] = [
      fileA.readLines()[Symbol.asyncIterator](),
      fileB.readLines()[Symbol.asyncIterator]()
    ]
    const before: string[] = []
    for (let line = 1; ; line++) {
      const [one, other] = await Promise.all([linesA.next(), linesB.next()])
      if (one.done && other.done) return { isEqual: true, text: `the traces are equal: ${line - 1} events` }
      if (one.done || other.done || one.value !== other.value) {
        const text = [
          `the traces differ at event ${line}:`,
          ...before.map((same) => `    ${same}`),
          `  < ${one.done ? `(end of ${a})` : one.value}`,
          `  > ${other.done ? `(end of ${b})` : other.value}`
        ]
        return { isEqual: false, text: text.join('\n') }
      }
      before.push(one.value)
      if (before.length > CONTEXT) before.shift()
    }
  } finally {
    await Promise.all([fileA.close(), fileB.close()])
  }
}
