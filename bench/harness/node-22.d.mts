/** The path of a Node.js 22 or newer: this one, or the one of npm's package `node`. */
export function node22(): Promise<string>
