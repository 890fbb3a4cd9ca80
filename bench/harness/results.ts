import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { Environment } from './environment.js'
import type { Answer, Question } from './question.js'

const FOLDER = new URL('../results/', import.meta.url)

/** A question's answer as `bench/results` keeps it. The pages and the charts are made from nothing else. */
export interface Result extends Answer {
  readonly name: string
  /** Day of the measurement, as in `2026-11-22`. */
  readonly date: string
  readonly environment: Environment
}

export async function save(question: Question, answer: Answer, environment: Environment): Promise<Result> {
  const date = new Date().toISOString().slice(0, 10)
  const result: Result = { name: question.name, date, environment, ...answer }
  await mkdir(FOLDER, { recursive: true })
  await writeFile(file(question), `${JSON.stringify(result, rounded, 2)}\n`)
  return result
}

/** @returns undefined when the question was never measured */
export async function load(question: Question): Promise<Result | undefined> {
  try {
    return JSON.parse(await readFile(file(question), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function file({ name }: Question): URL {
  return new URL(`${name}.json`, FOLDER)
}

/** Keeps six digits, which is more than a measurement has. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value
}
