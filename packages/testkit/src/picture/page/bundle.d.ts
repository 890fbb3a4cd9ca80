/** What is in this folder, as the build puts it into the package: see tsup.config.ts. */
export const markup: string
export const script: string
export const style: string
