package import DockerEngine

/// What a container of an app is made from.
///
/// Each change of it is a new release.
package struct AppSettings: Sendable, Equatable {
    package var image: ImageReference
    /// The image's own where nil.
    package var command: Command?
    /// The image's own where nil.
    package var entrypoint: Command?
    package var variables: Variables
    /// Where its runs go; the server's default host where nil.
    package var host: HostName?
    package var ports = Ports()
    package var volumes = Volumes()
    package var labels = Labels()
    /// At most so much memory, in bytes; no limit where nil.
    package var memory: Int64?
    /// At most so much processor time, in billionths of a processor; no limit where nil.
    package var nanoCPUs: Int64?
    /// What the engine does when a container ends by itself.
    package var restart = RestartPolicy.no
    /// The image's own where nil.
    package var user: String?
    /// The image's own where nil.
    package var workingDirectory: String?
    /// Seconds from the stop signal to the kill; the engine's own (10) where nil.
    package var stopTimeout: Int?
    /// Seconds after which a run is stopped; no limit where nil.
    package var maxRuntime: Int?

    /// What the numbers may be: 6 MiB is the least that an engine takes.
    package static let memoryRange: ClosedRange<Int> = 6 << 20...1 << 50
    package static let cpuRange = 0.01...1024
    package static let stopTimeoutRange = 0...3600
    package static let maxRuntimeRange = 1...31_536_000

    package init(image: ImageReference, command: Command? = nil, variables: Variables = Variables()) {
        self.image = image
        self.command = command
        self.variables = variables
    }
}

/// A command and its arguments.
///
/// No shell ever sees them.
package struct Command: Sendable, Equatable {
    /// Never empty.
    package let words: [String]
    /// The line that the words were split from, to be shown as it was sent; nil when they were sent as words.
    package let line: String?

    package init(words: [String], line: String? = nil) throws(InvalidValue) {
        guard !words.isEmpty else {
            throw InvalidValue("must have at least one word; leave it out for the image's own")
        }
        guard words.count <= 1000 else { throw InvalidValue("has at most 1000 words") }
        guard !words.contains(where: { $0.utf8.contains(0) }) else {
            throw InvalidValue("must not contain a NUL character, which no argument can hold")
        }
        self.words = words
        self.line = line
    }
}
