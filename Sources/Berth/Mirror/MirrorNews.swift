/// What a ``HostMirror`` reports about its engine, apart from the runs.
enum MirrorNews: Sendable {
    /// The runs in memory are up to date for the first time.
    case isTrue
    /// The response time of the engine.
    case ping(Duration)
    /// The engine has just responded to another request.
    case answered
    /// An event was applied; the time is by the engine's clock.
    case event(at: Timestamp)
    /// All runs were compared, and so many differed from what events had reported.
    case corrected(Int)
    case facts(EngineFacts)
}
