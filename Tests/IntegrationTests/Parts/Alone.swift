import Testing

/// Suites that load the machine: run one after the other, so that they do not exceed each other's time limits.
@Suite(.serialized) enum Alone {}
