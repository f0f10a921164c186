import Testing

/// Suites that load the machine: one after the other, so that they get not into each other's time limits.
@Suite(.serialized) enum Alone {}
