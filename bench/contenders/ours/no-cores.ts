/** A store that replicates nothing, for networkers whose messages or connections alone are measured. */
export const NO_CORES = { replicate() {} }
