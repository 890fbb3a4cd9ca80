/** Milliseconds. Node.js runs a longer timer, such as an infinite one, after 1 ms. */
export const LONGEST_TIMEOUT = 2 ** 31 - 1
