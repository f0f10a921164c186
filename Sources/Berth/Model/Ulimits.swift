package import DockerEngine
package import JSON

/// Limits of a container's processes, as in `setrlimit(2)`; names are unique.
package struct Ulimits: Sendable, Equatable, JSONRepresentable {
    package private(set) var list: [Ulimit] = []

    package init() {}

    package mutating func append(_ limit: Ulimit) throws(InvalidValue) {
        guard !list.contains(where: { $0.name == limit.name }) else {
            throw InvalidValue("the limit \(limit.name) is given twice")
        }
        list.append(limit)
    }

    package var json: JSONValue { list.json }
}

extension Ulimit: JSONRepresentable {
    package var json: JSONValue { ["name": .string(name), "soft": JSONValue(soft), "hard": JSONValue(hard)] }

    static let names = [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
        "rttime",
        "sigpending", "stack",
    ]
}

extension FieldDecoder where Value == Ulimits {
    static var ulimits: FieldDecoder {
        collection(Ulimits(), of: .ulimit) { (list, limit) throws(InvalidValue) in try list.append(limit) }
    }
}

extension FieldDecoder where Value == Ulimit {
    /// `-1` means no limit; the hard limit defaults to the soft one.
    fileprivate static var ulimit: FieldDecoder {
        FieldDecoder<(name: String, soft: Int, hard: Int)>.object { fields throws(FieldErrors) in
            let name = fields.required("name", .choice(of: Ulimit.names))
            let soft = fields.required("soft", .integer(in: -1 ... .max))
            let hard = fields.optional("hard", .integer(in: -1 ... .max))
            let needed = try fields.finish(name, soft)
            return (needed.0, needed.1, hard ?? needed.1)
        }.map(
            { given throws(InvalidValue) in
                guard given.hard == -1 || given.soft != -1 && given.soft <= given.hard else {
                    throw InvalidValue("the soft limit must not be above the hard limit")
                }
                return Ulimit(name: given.name, soft: given.soft, hard: given.hard)
            },
            detail: \.message
        )
    }
}
