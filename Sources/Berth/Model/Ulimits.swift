package import DockerEngine
package import JSON

/// Limits of a container's processes, as in `setrlimit(2)`; names are unique.
package typealias Ulimits = SettingList<Ulimit>

extension Ulimit: SettingElement, JSONRepresentable {
    package var json: JSONValue { ["name": .string(name), "soft": JSONValue(soft), "hard": JSONValue(hard)] }

    package static let limit = (count: 100, name: "limits")

    package func conflict(with earlier: Ulimit) -> String? {
        name == earlier.name ? "the limit \(name) is given twice" : nil
    }

    static let names = [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
        "rttime",
        "sigpending", "stack",
    ]
}

extension FieldDecoder where Value == Ulimits {
    static var ulimits: FieldDecoder {
        collection(of: .ulimit)
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
