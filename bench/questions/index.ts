import type { Question } from '../src/question.js'
import { firstBlock } from './first-block.js'

/** All questions, in the order of the page. */
export const questions: readonly Question[] = [firstBlock]
