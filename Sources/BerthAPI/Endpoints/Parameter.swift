package import JSON

/// A parameter of a request's query or path.
package struct Parameter: Sendable {
    package let name: String
    /// What it means, for the reference.
    package let summary: String
    package let schema: JSONValue

    private init(_ name: String, _ summary: String, _ schema: JSONValue) {
        self.name = name
        self.summary = summary
        self.schema = schema
    }

    private static func time(_ name: String, _ summary: String) -> Parameter {
        Parameter(name, summary, ["type": "string", "format": "date-time"])
    }

    static let app = Parameter("app", "Selects those of this app.", ["type": "string"])
    static let run = Parameter("run", "Selects those of this run.", ["type": "string"])
    static let host = Parameter("host", "Selects those on this host.", ["type": "string"])
    static let imagesHost = Parameter(
        "host",
        "The host; may be left out if the server has only one.",
        ["type": "string"]
    )
    static let state = Parameter(
        "state",
        "Selects runs in this state.",
        FieldDecoder<String>.word(of: RunJSON.states).schema
    )
    static let status = Parameter(
        "status",
        "Selects runs that are running or about to (`R`), or that have finished (`F`).",
        FieldDecoder<String>.word(of: RunJSON.statuses).schema
    )
    static let limit = Parameter(
        "limit",
        "The size of a page.",
        ["type": "integer", "minimum": 1, "maximum": 1000, "default": 100]
    )
    static let cursor = Parameter("cursor", "The `next_cursor` of the page before.", ["type": "string"])
    static let force = Parameter(
        "force",
        "Whether to stop what is still running. Without a value it is true.",
        ["type": "boolean", "default": false]
    )
    static let forceHost = Parameter(
        "force",
        "Whether to forget live runs; their containers stay as they are. Without a value it is true.",
        ["type": "boolean", "default": false]
    )
    static let goal = Parameter(
        "for",
        "The state to wait for. A run that will never start counts as started.",
        ["type": "string", "enum": ["started", "finished"], "default": "finished"]
    )
    static let timeout = Parameter(
        "timeout",
        "How long to wait, in seconds.",
        ["type": "integer", "minimum": 0, "maximum": 3600, "default": 60]
    )

    static let follow = Parameter(
        "follow",
        "Whether to go on with new output until the container has ended.",
        ["type": "boolean", "default": false]
    )
    static let followUsage = Parameter(
        "follow",
        "Whether to go on with a new object about each second until the run has ended.",
        ["type": "boolean", "default": false]
    )
    static let tail = Parameter(
        "tail",
        "How many of the last lines to begin with; all without it.",
        ["type": "integer", "minimum": 0, "maximum": JSONValue(maximumTail)]
    )
    package static let maximumTail = 1_000_000
    static let since = time("since", "The time of the first message, by the engine's clock.")
    static let until = time("until", "The time of the last message, by the engine's clock.")
    static let actor = Parameter("actor", "Selects rows of this actor.", ["type": "string"])
    static let action = Parameter("action", "Selects rows with this action.", ["type": "string"])
    static let target = Parameter(
        "target",
        "Selects rows whose target is this, or begins with it and a space.",
        ["type": "string"]
    )
    static let auditSince = time("since", "The time of the first row.")
    static let auditUntil = time("until", "The time of the last row.")
    static let timestamps = Parameter(
        "timestamps",
        "Whether each line of text begins with its time and a space.",
        ["type": "boolean", "default": false]
    )
    static let stream = Parameter(
        "stream",
        "Selects one of the two streams.",
        ["type": "string", "enum": ["stdout", "stderr"]]
    )
    static let end = Parameter(
        "end",
        "Whether the input ends with this request.",
        ["type": "boolean", "default": false]
    )

    /// The variable parts of paths.
    package static let path = [
        Parameter("app", "The name of an app.", ["type": "string"]),
        Parameter("run", "The name of a run.", ["type": "string"]),
        Parameter("host", "The name of a host.", ["type": "string"]),
        Parameter("exec", "The id of a session.", ["type": "string"]),
        Parameter("token", "The id of a token.", ["type": "string"]),
        Parameter("secret", "The name of a secret, and of its variable.", ["type": "string"]),
        Parameter("server", "The host of a registry, with its port if it has one.", ["type": "string"]),
        Parameter("release", "The number of a release.", ["type": "integer", "minimum": 1]),
        Parameter(
            "image",
            "The full id of an image.",
            ["type": "string", "pattern": "^(sha256:)?[0-9a-f]{64}$"]
        ),
    ]
}

extension EndpointFacts {
    /// The variable parts of its path.
    package var pathParameters: [Parameter] { Parameter.path.filter { path.contains("{\($0.name)}") } }
}
