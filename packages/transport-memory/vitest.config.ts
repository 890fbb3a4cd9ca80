export default {
  test: {
    // Each file would load the networker anew otherwise: two thirds of the CPU time of all files.
    isolate: false,
    // On a busy machine a test of one second takes many.
    testTimeout: 20_000
  }
}
