/** The contents of this folder, as the build bundles them. See tsup.config.ts. */
export const markup: string
export const script: string
export const style: string
